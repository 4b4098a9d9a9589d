using System.Globalization;
using Aether.Persistence.Tests.Simulation;

namespace Aether.Persistence.Tests.Schedules;

/// <summary>One life of a world with one fault in it; everything else follows from the seed.</summary>
/// <param name="Seed">What the world does, and what a loss of power leaves.</param>
/// <param name="Call">The call to the volume that the fault happens at, counted from the start of the life.</param>
/// <param name="Fault">What happens there.</param>
internal readonly record struct Schedule(int Seed, long Call, Fault Fault)
{
    /// <summary>Set to a schedule, only that one runs.</summary>
    public const string Variable = "AETHER_SCHEDULE";

    /// <summary>The command that runs this one again.</summary>
    public string Replay =>
        $"{Variable}={this} dotnet run --project tests/Aether.Persistence.Tests -- -class '*.ScheduleTests'";

    public static Schedule Parse(string text)
    {
        var parts = text.Split(':');
        return new Schedule(
            int.Parse(parts[0], CultureInfo.InvariantCulture),
            long.Parse(parts[1], CultureInfo.InvariantCulture),
            Enum.Parse<Fault>(parts[2]));
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Seed}:{Call}:{Fault}");

    /// <summary>Random numbers of this schedule alone; the same in every process, as hash codes are not.</summary>
    public Random ToRandom() => new(unchecked((Seed * 1_000_003) + ((int)Call * 31) + (int)Fault));
}
