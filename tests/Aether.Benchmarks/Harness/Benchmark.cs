namespace Aether.Benchmarks.Harness;

/// <summary>Systems that do the same work in the same run, and the targets of ours in comparison.</summary>
internal sealed record Benchmark
{
    /// <summary>Its name: "log.fsync.64".</summary>
    public required string Name { get; init; }

    /// <summary>The work, in a few words.</summary>
    public required string What { get; init; }

    /// <summary>Bytes of a value, unless an option says otherwise. Default: 256.</summary>
    public int Payload { get; init; } = 256;

    /// <summary>Number of writers, unless an option says otherwise.</summary>
    public required int Writers { get; init; }

    /// <summary>
    /// How long each system runs before it is measured. Large peers need seconds until their code is compiled. Default:
    /// 1 s.
    /// </summary>
    public TimeSpan WarmUp { get; init; } = TimeSpan.FromSeconds(1);

    public required IReadOnlyList<IContestant> Contestants { get; init; }

    /// <summary>Targets at <see cref="Payload"/> and <see cref="Writers"/>; not judged at others.</summary>
    public required IReadOnlyList<Target> Targets { get; init; }
}
