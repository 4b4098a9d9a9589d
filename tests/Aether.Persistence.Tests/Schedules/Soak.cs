using System.Globalization;

namespace Aether.Persistence.Tests.Schedules;

/// <summary>How long tests go on that could go on for ever, and where they begin; set by .ci/soak.sh.</summary>
internal static class Soak
{
    private const string MinutesVariable = "AETHER_SOAK_MINUTES";
    private const string SeedVariable = "AETHER_SEED";

    /// <summary>How long to go on; null: as many cases as make test has.</summary>
    public static TimeSpan? Length =>
        ReadNumber(MinutesVariable) is { } minutes ? TimeSpan.FromMinutes(minutes) : null;

    /// <summary>The first seed; the next ones follow.</summary>
    public static int FirstSeed => ReadNumber(SeedVariable) ?? 0;

    public static int? ReadNumber(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text
            ? int.Parse(text, CultureInfo.InvariantCulture)
            : null;
}
