namespace Aether.Agent.Json;

/// <summary>A place in the log, as an answer to a commit names it.</summary>
internal sealed record JsonPlace
{
    public required ulong Epoch { get; init; }

    public required ulong Sequence { get; init; }
}
