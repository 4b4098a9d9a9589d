using Aether.Persistence.Contracts;
using Aether.Persistence.Snapshots;
using StackExchange.Redis;

namespace Aether.Persistence.Stores.Redis;

/// <summary>The keys of a world's snapshots.</summary>
internal sealed class RedisKeys(string prefix)
{
    /// <summary>String: the highest epoch seen.</summary>
    public RedisKey Epoch { get; } = prefix + RedisKeyNames.Epoch;

    /// <summary>Hash: "sequence:epoch" to manifest.</summary>
    public RedisKey Manifests { get; } = prefix + RedisKeyNames.Snapshots;

    /// <summary>Hash: ordinal to chunk, for one attempt at writing a snapshot.</summary>
    public string Chunks(SnapshotManifest manifest, Guid attempt) =>
        $"{prefix}snapshot:{Field(manifest)}:{attempt:N}";

    /// <summary>Field of <see cref="Manifests"/>.</summary>
    public static string Field(SnapshotManifest manifest) => $"{manifest.Sequence}:{manifest.Epoch}";
}
