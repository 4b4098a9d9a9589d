namespace Aether.Agent.Json;

/// <summary>A snapshot that was stored.</summary>
internal sealed record JsonSnapshot(
    ulong Sequence, ulong Epoch, ulong Keys, string StateDigest, DateTimeOffset CapturedAt);
