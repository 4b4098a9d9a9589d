namespace Aether.Benchmarks.Fleet;

/// <summary>
/// What servers and operator have done up to a moment. The difference of two samples is what was done between them.
/// </summary>
internal sealed record FleetSample
{
    public required TimeSpan Elapsed { get; init; }

    /// <summary>Processor time of each process and its children, by name.</summary>
    public required IReadOnlyDictionary<string, TimeSpan> Processor { get; init; }

    /// <summary>The operator's requests that the API server has answered.</summary>
    public required long ApiRequests { get; init; }

    /// <summary>Statements that PostgreSQL has run, those of the meter included (a handful).</summary>
    public required long Statements { get; init; }

    /// <summary>Logins to PostgreSQL.</summary>
    public required long Logins { get; init; }

    /// <summary>Bytes of PostgreSQL's write-ahead log.</summary>
    public required long WalBytes { get; init; }

    public required long RedisCommands { get; init; }

    public static FleetSample operator -(FleetSample later, FleetSample earlier) => new()
    {
        Elapsed = later.Elapsed - earlier.Elapsed,
        Processor = later.Processor.ToDictionary(pair => pair.Key, pair => pair.Value - earlier.Processor[pair.Key]),
        ApiRequests = later.ApiRequests - earlier.ApiRequests,
        Statements = later.Statements - earlier.Statements,
        Logins = later.Logins - earlier.Logins,
        WalBytes = later.WalBytes - earlier.WalBytes,
        RedisCommands = later.RedisCommands - earlier.RedisCommands,
    };
}
