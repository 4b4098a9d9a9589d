using System.Globalization;
using Aether.Client;

namespace Aether.Samples.World;

/// <summary>Settings of the sample, from its environment.</summary>
internal sealed record WorldSettings
{
    /// <summary>Number of players of a new world; an existing world keeps its own. <c>SAMPLE_PLAYERS</c>.</summary>
    public int Players { get; private init; } = 1000;

    /// <summary>Number of concurrent trades. <c>SAMPLE_LANES</c>.</summary>
    public int Lanes { get; private init; } = 64;

    /// <summary>Most trades a second; 0: as many as are acknowledged. <c>SAMPLE_PACE</c>.</summary>
    public int Pace { get; private init; }

    /// <summary>Pause of a lane after each trade, to keep the <see cref="Pace"/>.</summary>
    public TimeSpan Rest => Pace == 0 ? TimeSpan.Zero : TimeSpan.FromSeconds((double)Lanes / Pace);

    /// <summary>When a trade counts as acknowledged; unset: the world's default. <c>SAMPLE_DURABILITY</c>.</summary>
    public WorldDurability Durability { get; private init; }

    /// <summary>Number of trades after which the process ends; 0: no limit. <c>SAMPLE_TRADES</c>.</summary>
    public long Trades { get; private init; }

    /// <summary>File outside the pod that records acknowledged trades; null: none. <c>SAMPLE_LEDGER</c>.</summary>
    public string? Ledger { get; private init; }

    /// <exception cref="ArgumentException">A variable has an impossible value.</exception>
    public static WorldSettings FromEnvironment()
    {
        var defaults = new WorldSettings();
        var settings = defaults with
        {
            Players = (int)Number("SAMPLE_PLAYERS", defaults.Players, 2, 1_000_000),
            Lanes = (int)Number("SAMPLE_LANES", defaults.Lanes, 1, 4096),
            Pace = (int)Number("SAMPLE_PACE", defaults.Pace, 0, 1_000_000),
            Durability = ReadDurability(),
            Trades = Number("SAMPLE_TRADES", defaults.Trades, 0, long.MaxValue),
            Ledger = Variable("SAMPLE_LEDGER"),
        };
        return settings.Lanes * 2 <= settings.Players
            ? settings
            : throw new ArgumentException(
                $"SAMPLE_LANES is {settings.Lanes}: each lane needs two of the {settings.Players} SAMPLE_PLAYERS.");
    }

    private static WorldDurability ReadDurability() =>
        Variable("SAMPLE_DURABILITY") is not { } text ? WorldDurability.WorldDefault
        : Enum.TryParse<WorldDurability>(text, ignoreCase: false, out var durability) ? durability
        : throw new ArgumentException($"SAMPLE_DURABILITY is '{text}'; it takes Memory, Batched, Fsync or Replicated.");

    private static long Number(string variable, long fallback, long smallest, long largest) =>
        Variable(variable) is not { } text ? fallback
        : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number >= smallest && number <= largest ? number
        : throw new ArgumentException($"{variable} is '{text}'; it takes a number from {smallest} to {largest}.");

    private static string? Variable(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } text ? text : null;
}
