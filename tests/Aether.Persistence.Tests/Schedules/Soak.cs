using System.Globalization;

namespace Aether.Persistence.Tests.Schedules;

/// <summary>Duration and first seed of tests that could run for ever; set by .ci/soak.sh.</summary>
internal static class Soak
{
    private const string MinutesVariable = "AETHER_SOAK_MINUTES";
    private const string SeedVariable = "AETHER_SEED";

    /// <summary>How long to run; null: as many cases as in make test.</summary>
    public static TimeSpan? Length =>
        ReadNumber(MinutesVariable) is { } minutes ? TimeSpan.FromMinutes(minutes) : null;

    /// <summary>The first seed; the others follow it.</summary>
    public static int FirstSeed => ReadNumber(SeedVariable) ?? 0;

    /// <summary>
    /// Fewest cases that a run must have had: all of <paramref name="cases"/>, or in a soak any, since a soak lasts a
    /// given time and the machine decides how many cases fit into it.
    /// </summary>
    public static int AtLeast(int cases) => Length is null ? cases : 1;

    public static int? ReadNumber(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text
            ? int.Parse(text, CultureInfo.InvariantCulture)
            : null;
}
