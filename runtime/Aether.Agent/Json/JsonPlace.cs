namespace Aether.Agent.Json;

/// <summary>A place in the log, as in the answer to a commit.</summary>
internal sealed record JsonPlace
{
    public required ulong Epoch { get; init; }

    public required ulong Sequence { get; init; }
}
