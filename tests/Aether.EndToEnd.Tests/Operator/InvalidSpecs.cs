namespace Aether.EndToEnd.Tests.Operator;

/// <summary>Invalid specs, each with its wrong field.</summary>
internal static class InvalidSpecs
{
    /// <summary>Invalid at any time; API server and operator must each detect it.</summary>
    public static IReadOnlyList<(string Spec, string Field)> All { get; } =
    [
        ("""{"snapshot":{"interval":"500ms"}}""", "spec.snapshot.interval"),
        ("""{"snapshot":{"interval":"25h"}}""", "spec.snapshot.interval"),
        ("""{"snapshot":{"interval":"often"}}""", "spec.snapshot.interval"),
        ("""{"snapshot":{"maxRetained":0}}""", "spec.snapshot.maxRetained"),
        ("""{"snapshot":{"store":"Redis"}}""", "spec.snapshot.store"),
        ("""{"snapshot":{"recoveryWindow":"8761h"}}""", "spec.snapshot.recoveryWindow"),
        ("""{"snapshot":{"recoveryWindow":"24h","maxRetained":2}}""", "spec.snapshot.maxRetained"),
        ("""{"class":"Ephemeral","snapshot":{"recoveryWindow":"24h"}}""", "spec.snapshot.recoveryWindow"),
        ("""{"wal":{"flushInterval":"11s"}}""", "spec.wal.flushInterval"),
        ("""{"wal":{"lease":"2s"}}""", "spec.wal.lease"),
        ("""{"class":"Ephemeral","wal":{"lease":"61s"}}""", "spec.wal.lease"),
        ("""{"wal":{"enabled":false}}""", "spec.wal.enabled"),
        ("""{"wal":{"segmentSize":"2Gi"}}""", "spec.wal.segmentSize"),
        ("""{"wal":{"segmentSize":"64Mi","maxBytes":"255Mi"}}""", "spec.wal.maxBytes"),
        ("""{"wal":{"maxLag":{"bytes":"16MB"}}}""", "spec.wal.maxLag.bytes"),
        ("""{"wal":{"maxLag":{"time":"10ms"}}}""", "spec.wal.maxLag.time"),
        ("""{"class":"Ephemeral","wal":{"maxLag":{"time":"10s"}}}""", "spec.wal.maxLag"),
        ("""{"quota":{"stateBytes":"1000"}}""", "spec.quota.stateBytes"),
        ("""{"wal":{"defaultDurability":"Sometimes"}}""", "spec.wal.defaultDurability"),
        ("""{"wal":{"volume":{}}}""", "spec.wal.volume"),
        ("""{"wal":{"volume":{"emptyDir":{},"ephemeral":{"size":"1Gi"}}}}""", "spec.wal.volume"),
        ("""{"wal":{"volume":{"persistentVolumeClaim":{"claimName":"No Name"}}}}""",
            "spec.wal.volume.persistentVolumeClaim.claimName"),
        ("""{"class":"Ephemeral","wal":{"defaultDurability":"Fsync"}}""", "spec.wal.defaultDurability"),
        ("""{"class":"Ephemeral","criticalState":{"kinds":{"gold":"High"}}}""", "spec.criticalState.kinds"),
        ("""{"class":"Ephemeral","wal":{"volume":{"emptyDir":{}}}}""", "spec.wal.volume"),
        ("""{"class":"Eternal"}""", "spec.class"),
        ("""{"events":{"maxAge":"30s"}}""", "spec.events.maxAge"),
        ("""{"events":{"replicas":6}}""", "spec.events.replicas"),
        ("""{"backendRef":{"name":"Not A Name"}}""", "spec.backendRef.name"),
        ("""{"deletionPolicy":"Burn"}""", "spec.deletionPolicy"),
    ];
}
