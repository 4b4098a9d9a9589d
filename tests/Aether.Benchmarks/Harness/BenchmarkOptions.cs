namespace Aether.Benchmarks.Harness;

/// <summary>The benchmarks to run and how, from the variables of `make bench`.</summary>
internal sealed record BenchmarkOptions
{
    /// <summary>Names, separated by commas; a trailing * selects all that begin with the text. Default: all.</summary>
    public IReadOnlyList<string> Names { get; init; } = ["*"];

    /// <summary>Systems, separated by commas. Default: all of a benchmark.</summary>
    public IReadOnlyList<string> Systems { get; init; } = [];

    /// <summary>Sizes of a value. Default: the benchmark's.</summary>
    public IReadOnlyList<int> Payloads { get; init; } = [];

    /// <summary>Numbers of writers. Default: the benchmark's.</summary>
    public IReadOnlyList<int> Writers { get; init; } = [];

    /// <summary>How long each run is measured. Default: 4 s.</summary>
    public TimeSpan Measured { get; init; } = TimeSpan.FromSeconds(4);

    /// <summary>Runs of each system. Default: 3.</summary>
    public int Runs { get; init; } = 3;

    /// <summary>Whether to write a JSON line per system to standard output. Default: no.</summary>
    public bool Json { get; init; }

    /// <exception cref="FormatException">A variable is invalid; the message names it.</exception>
    public static BenchmarkOptions Read(Func<string, string?> variable)
    {
        var defaults = new BenchmarkOptions();
        return new BenchmarkOptions
        {
            Names = Words("NAME") is { Length: > 0 } names ? names : defaults.Names,
            Systems = Words("SYSTEM"),
            Payloads = Numbers("PAYLOAD", 1 << 20),
            Writers = Numbers("WRITERS", 4096),
            Measured = Numbers("SECONDS", 3600) is [var seconds, ..]
                ? TimeSpan.FromSeconds(seconds)
                : defaults.Measured,
            Runs = Numbers("RUNS", 1000) is [var runs, ..] ? runs : defaults.Runs,
            Json = Words("JSON") is ["1"],
        };

        string[] Words(string name) =>
            (variable(name) ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

        int[] Numbers(string name, int most) => [.. Words(name).Select(word => Number(name, word, most))];
    }

    /// <summary>Whether the benchmark of that name is to be run.</summary>
    public bool Takes(string benchmark) => Names.Any(name =>
        name.EndsWith('*')
            ? benchmark.StartsWith(name[..^1], StringComparison.Ordinal)
            : benchmark == name);

    public bool Takes(IContestant contestant) => Systems.Count == 0 || Systems.Contains(contestant.System);

    private static int Number(string name, string word, int most) =>
        int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
        && number >= 1 && number <= most
            ? number
            : throw new FormatException($"{name} is '{word}'; it must be a number from 1 to {most}.");
}
