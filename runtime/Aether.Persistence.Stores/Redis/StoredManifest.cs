using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Aether.Persistence.Snapshots;
using Aether.Persistence.State;

namespace Aether.Persistence.Stores.Redis;

/// <summary>A manifest as stored in Redis: JSON, because a script reads it too.</summary>
internal sealed record StoredManifest(
    ulong Sequence,
    ulong Epoch,
    DateTimeOffset CapturedAt,
    string Digest,
    ulong Keys,
    int FormatVersion,
    string ChunksKey,
    int Chunks)
{
    public static StoredManifest Of(SnapshotManifest manifest, string chunksKey, int chunks) => new(
        manifest.Sequence.Value,
        manifest.Epoch.Value,
        manifest.CapturedAt,
        manifest.Digest.ToString(),
        manifest.Keys,
        manifest.FormatVersion,
        chunksKey,
        chunks);

    public static StoredManifest Parse(string json) =>
        JsonSerializer.Deserialize(json, StoredManifestJson.Default.StoredManifest)
        ?? throw new JsonException("A snapshot's manifest in Redis is empty.");

    public string ToJson() => JsonSerializer.Serialize(this, StoredManifestJson.Default.StoredManifest);

    public SnapshotManifest ToManifest() => new()
    {
        Sequence = new Sequence(Sequence),
        Epoch = new Epoch(Epoch),
        CapturedAt = CapturedAt,
        Digest = new StateDigest(UInt128.Parse(Digest, NumberStyles.HexNumber, CultureInfo.InvariantCulture)),
        Keys = Keys,
        FormatVersion = FormatVersion,
    };
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(StoredManifest))]
internal sealed partial class StoredManifestJson : JsonSerializerContext;
