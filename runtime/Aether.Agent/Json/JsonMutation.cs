namespace Aether.Agent.Json;

/// <summary>One change of a posted commit: <c>put</c> or <c>"delete": true</c>.</summary>
internal sealed record JsonMutation
{
    public string Kind { get; init; } = "";

    public string Id { get; init; } = "";

    /// <summary>The new value in base64.</summary>
    public byte[]? Put { get; init; }

    public bool Delete { get; init; }

    /// <summary>The version that the key must have; 0: the key must not exist; absent: any.</summary>
    public ulong? ExpectedVersion { get; init; }
}
