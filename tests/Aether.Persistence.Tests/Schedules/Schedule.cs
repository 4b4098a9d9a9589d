using System.Globalization;
using Aether.Persistence.Tests.Simulation;

namespace Aether.Persistence.Tests.Schedules;

/// <summary>One life of a world with one fault; everything else follows from the seed.</summary>
/// <param name="Seed">Determines what the world does, and what a loss of power leaves.</param>
/// <param name="Call">The call to the volume at which the fault happens, counted from the start of the life.</param>
/// <param name="Fault">The fault.</param>
internal readonly record struct Schedule(int Seed, long Call, Fault Fault)
{
    /// <summary>If set to a schedule, only that schedule runs.</summary>
    public const string Variable = "AETHER_SCHEDULE";

    /// <summary>The command that runs this schedule again.</summary>
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

    /// <summary>Random numbers of this schedule; the same in every process, unlike hash codes.</summary>
    public Random ToRandom() => new(unchecked((Seed * 1_000_003) + ((int)Call * 31) + (int)Fault));
}
