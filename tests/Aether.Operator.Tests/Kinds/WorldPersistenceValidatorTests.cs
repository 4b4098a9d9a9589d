using Aether.Operator.Kinds;

namespace Aether.Operator.Tests.Kinds;

[Trait("Kind", "Unit")]
public sealed class WorldPersistenceValidatorTests
{
    [Fact]
    public void Defaults_of_both_classes_are_valid()
    {
        Assert.Empty(WorldPersistenceValidator.Validate(new WorldPersistenceSpec()));
        Assert.Empty(WorldPersistenceValidator.Validate(new WorldPersistenceSpec { Class = "Ephemeral" }));
    }

    public static TheoryData<string, string> Faults => new()
    {
        { """{"class":"Sturdy"}""", "spec.class" },
        { """{"backendRef":{"name":"No_Name"}}""", "spec.backendRef.name" },
        { """{"wal":{"enabled":false}}""", "spec.wal.enabled" },
        { """{"wal":{"flushInterval":"1h"}}""", "spec.wal.flushInterval" },
        { """{"wal":{"flushInterval":"soon"}}""", "spec.wal.flushInterval" },
        { """{"wal":{"lease":"2s"}}""", "spec.wal.lease" },
        { """{"class":"Ephemeral","wal":{"lease":"61s"}}""", "spec.wal.lease" },
        { """{"wal":{"segmentSize":"2Gi"}}""", "spec.wal.segmentSize" },
        { """{"wal":{"maxBytes":"4GB"}}""", "spec.wal.maxBytes" },
        { """{"wal":{"maxLag":{"bytes":"16MB"}}}""", "spec.wal.maxLag.bytes" },
        { """{"wal":{"maxLag":{"time":"10ms"}}}""", "spec.wal.maxLag.time" },
        { """{"class":"Ephemeral","wal":{"maxLag":{"time":"10s"}}}""", "spec.wal.maxLag" },
        { """{"quota":{"stateBytes":"1000"}}""", "spec.quota.stateBytes" },
        { """{"wal":{"segmentSize":"64Mi","maxBytes":"255Mi"}}""", "spec.wal.maxBytes" },
        { """{"wal":{"maxBytes":"2Gi","volume":{"emptyDir":{"sizeLimit":"1Gi"}}}}""", "spec.wal.maxBytes" },
        { """{"wal":{"maxBytes":"2Gi","volume":{"ephemeral":{"size":"2Gi"}}}}""", "spec.wal.maxBytes" },
        { """{"wal":{"volume":{"emptyDir":{"sizeLimit":"300Mi"}}}}""", "spec.wal.volume.emptyDir.sizeLimit" },
        { """{"wal":{"volume":{}}}""", "spec.wal.volume" },
        { """{"wal":{"volume":{"emptyDir":{},"ephemeral":{"size":"1Gi"}}}}""", "spec.wal.volume" },
        { """{"wal":{"volume":{"ephemeral":{"size":"1"}}}}""", "spec.wal.volume.ephemeral.size" },
        { """{"wal":{"volume":{"persistentVolumeClaim":{}}}}""", "spec.wal.volume.persistentVolumeClaim.claimName" },
        { """{"snapshot":{"interval":"10ms"}}""", "spec.snapshot.interval" },
        { """{"snapshot":{"maxRetained":0}}""", "spec.snapshot.maxRetained" },
        { """{"snapshot":{"store":"Redis"}}""", "spec.snapshot.store" },
        { """{"snapshot":{"recoveryWindow":"a day"}}""", "spec.snapshot.recoveryWindow" },
        { """{"snapshot":{"recoveryWindow":"8761h"}}""", "spec.snapshot.recoveryWindow" },
        { """{"snapshot":{"recoveryWindow":"24h","maxRetained":2}}""", "spec.snapshot.maxRetained" },
        { """{"class":"Ephemeral","snapshot":{"recoveryWindow":"24h"}}""", "spec.snapshot.recoveryWindow" },
        { """{"criticalState":{"kinds":{"a,b":"High"}}}""", "spec.criticalState.kinds[a,b]" },
        { """{"criticalState":{"kinds":{"gold":"Highest"}}}""", "spec.criticalState.kinds[gold]" },
        { """{"class":"Ephemeral","criticalState":{"kinds":{"gold":"High"}}}""", "spec.criticalState.kinds" },
        { """{"class":"Ephemeral","wal":{"defaultDurability":"Fsync"}}""", "spec.wal.defaultDurability" },
        { """{"class":"Ephemeral","wal":{"volume":{"emptyDir":{}}}}""", "spec.wal.volume" },
        { """{"events":{"replicas":9}}""", "spec.events.replicas" },
        { """{"events":{"maxAge":"1s"}}""", "spec.events.maxAge" },
        { """{"events":{"maxBytes":"0Mi"}}""", "spec.events.maxBytes" },
        { """{"deletionPolicy":"Shred"}""", "spec.deletionPolicy" },
        { """{"agent":{"image":"a b"}}""", "spec.agent.image" },
        { """{"agent":{"logLevel":"Loud"}}""", "spec.agent.logLevel" },
        { """{"agent":{"fsGroup":"Perhaps"}}""", "spec.agent.fsGroup" },
        { """{"agent":{"resources":{"limits":{"memory":"lots"}}}}""", "spec.agent.resources.limits[memory]" },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public void Error_names_its_field(string spec, string path)
    {
        var errors = WorldPersistenceValidator.Validate(k8s.KubernetesJson.Deserialize<WorldPersistenceSpec>(spec));

        Assert.StartsWith(path + ":", Assert.Single(errors), StringComparison.Ordinal);
    }

    [Theory]
    [Trait("Field", "F10")]
    [InlineData("""{}""", 4096)]
    [InlineData("""{"wal":{"volume":{"persistentVolumeClaim":{"claimName":"c"}}}}""", 4096)]
    [InlineData("""{"wal":{"volume":{"emptyDir":{"sizeLimit":"1Gi"}}}}""", 921)]
    [InlineData("""{"wal":{"volume":{"ephemeral":{"size":"100Gi"}}}}""", 4096)]
    [InlineData("""{"wal":{"maxBytes":"1000Mi","volume":{"ephemeral":{"size":"1Gi"}}}}""", 1000)]
    [InlineData("""{"wal":{"maxBytes":"4Gi","volume":{"ephemeral":{"size":"1Gi"}}}}""", 921)]
    [InlineData("""{"wal":{"maxBytes":"4Gi","volume":{"ephemeral":{"size":"100Mi"}}}}""", 256)]
    public void Log_is_limited_to_the_size_of_its_volume(string json, int mebibytes)
    {
        var spec = k8s.KubernetesJson.Deserialize<WorldPersistenceSpec>(json);

        Assert.Empty(WorldPersistenceValidator.Validate(spec));
        Assert.Equal(mebibytes, WorldProfile.Resolve(spec).MaxLogBytes >> 20);
    }

    [Fact]
    [Trait("Field", "F30")]
    public void Quantities_are_texts_or_whole_numbers_as_in_any_container()
    {
        var spec = k8s.KubernetesJson.Deserialize<WorldPersistenceSpec>(
            """{"agent":{"resources":{"requests":{"cpu":".5","memory":"1e9"},"limits":{"cpu":1,"memory":"2Ei"}}}}""");

        Assert.Empty(WorldPersistenceValidator.Validate(spec));
        Assert.Equal("1", spec.Agent.Resources!.Limits!["cpu"]);
        Assert.Equal(".5", spec.Agent.Resources.Requests!["cpu"]);
    }

    [Theory]
    [InlineData("Durable", null, "Fsync", "Postgres", "Retain", "300s", "emptyDir")]
    [InlineData("Ephemeral", null, "Memory", "Redis", "Delete", "5s", "none")]
    [InlineData("Ephemeral", true, "Batched", "Postgres", "Delete", "5s", "emptyDir")]
    public void Class_decides_the_defaults_of_the_spec(
        string @class, bool? wal, string durability, string store, string policy, string interval, string volume)
    {
        var spec = new WorldPersistenceSpec { Class = @class, Wal = new WalSpec { Enabled = wal } };

        var profile = WorldProfile.Resolve(spec).ToStatus(spec);

        Assert.Equal(
            (durability, store, policy, interval, volume),
            (profile.DefaultDurability, profile.SnapshotStore, profile.DeletionPolicy, profile.SnapshotInterval,
                profile.Volume));
    }

    [Theory]
    [InlineData("100ms", 100)]
    [InlineData("1m30s", 90_000)]
    [InlineData("1.5h", 5_400_000)]
    public void Durations_are_parsed_in_Kubernetes_notation(string text, int milliseconds)
    {
        Assert.True(GoDuration.TryParse(text, out var duration));
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), duration);
    }

    [Theory]
    [InlineData("")]
    [InlineData("5")]
    [InlineData("-1s")]
    [InlineData("1s\n")]
    [InlineData("99999999999999999999999999999h")]
    public void Other_texts_are_not_durations(string text) => Assert.False(GoDuration.TryParse(text, out _));
}
