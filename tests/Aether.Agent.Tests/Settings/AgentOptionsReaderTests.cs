using System.Globalization;
using Aether.Agent.Settings;
using Aether.Persistence.Contracts;

namespace Aether.Agent.Tests.Settings;

[Trait("Kind", "Unit")]
public sealed class AgentOptionsReaderTests
{
    [Fact]
    public void A_local_world_needs_no_setting()
    {
        var options = Read("/worlds/a");

        Assert.Equal("/worlds/a/agent.sock", options.SocketPath);
        Assert.Equal("/worlds/a", options.VolumeDirectory);
        Assert.Equal(SnapshotStoreKind.Volume, options.SnapshotStore);
        Assert.Equal(Durability.Fsync, options.Engine.DefaultDurability);
    }

    [Theory]
    [Trait("Field", "F03")]
    [InlineData(null, "uid", "")]
    [InlineData("first", "first", "")]
    [InlineData("first,second, third", "first", "second,third")]
    public void The_identity_is_the_UID_unless_the_world_has_one_of_its_own(string? value, string own, string former)
    {
        var options = Read(
            "/worlds/a", (AetherVariables.WorldUid, "uid"), (AetherVariables.WorldIdentity, value ?? ""));

        Assert.Equal(own, options.Engine.WorldId);
        Assert.Equal(former, string.Join(',', options.Engine.FormerWorldIds));
    }

    [Fact]
    public void Wrong_settings_are_all_reported_at_once_with_name_value_and_limit()
    {
        var refused = Assert.Throws<InvalidSettingsException>(() => Read(
            "/worlds/a",
            (AetherVariables.WalFlushIntervalMs, "0"),
            (AetherVariables.WalDefaultDurability, "Sometimes"),
            (AetherVariables.HealthAddress, "localhost"),
            (AetherVariables.CriticalKinds, "player=Highest")));

        Assert.Equal(4, refused.Problems.Count);
        Assert.Contains("AETHER_WAL_FLUSH_INTERVAL_MS is '0'; it takes a number from 1 to 10000.", refused.Problems);
        Assert.Contains(
            "AETHER_WAL_DEFAULT_DURABILITY is 'Sometimes'; it takes Memory, Batched, Fsync, Replicated.",
            refused.Problems);
        Assert.Contains(refused.Problems, problem => problem.Contains("'player=Highest'", StringComparison.Ordinal));
    }

    // The limits of the CRD, in the units of the settings.
    [Theory]
    [InlineData(AetherVariables.WalFlushIntervalMs, 1, 10_000)]
    [InlineData(AetherVariables.WalLeaseMs, 3000, 60_000)]
    [InlineData(AetherVariables.WalMaxLagSeconds, 0, 86_400)]
    [InlineData(AetherVariables.SnapshotIntervalSeconds, 1, 86_400)]
    [InlineData(AetherVariables.SnapshotMaxRetained, 1, 100)]
    [InlineData(AetherVariables.WalSegmentBytes, 1 << 20, 1 << 30)]
    public void Setting_beyond_the_limits_of_the_CRD_is_refused_in_a_local_world_too(
        string variable, long least, long most)
    {
        Assert.Equal(least, Valid(least));
        Assert.Equal(most, Valid(most));
        Assert.Throws<InvalidSettingsException>(() => Valid(least - 1));
        Assert.Throws<InvalidSettingsException>(() => Valid(most + 1));

        long Valid(long number)
        {
            Read("/worlds/a", (variable, number.ToString(CultureInfo.InvariantCulture)));
            return number;
        }
    }

    [Fact]
    public void A_journal_in_JetStream_needs_NATS()
    {
        var refused = Assert.Throws<InvalidSettingsException>(
            () => Read(null, (AetherVariables.WalJournal, "JetStream")));

        Assert.Contains(
            "AETHER_NATS_URL is not set; with AETHER_WAL_JOURNAL=JetStream it is required.", refused.Problems);
    }

    [Fact]
    public void A_recovery_window_needs_a_journal()
    {
        var refused = Assert.Throws<InvalidSettingsException>(
            () => Read("/worlds/a", (AetherVariables.SnapshotRecoveryWindowSeconds, "3600")));

        Assert.Equal(
            ["AETHER_SNAPSHOT_RECOVERY_WINDOW_SECONDS is '3600'; only a world with a journal has a recovery window: "
                + "use 0."],
            refused.Problems);
    }

    [Fact]
    public void A_recovery_window_needs_three_snapshots()
    {
        var refused = Assert.Throws<InvalidSettingsException>(() => Read(
            null,
            (AetherVariables.SnapshotRecoveryWindowSeconds, "3600"),
            (AetherVariables.SnapshotMaxRetained, "2")));

        Assert.Contains(
            "AETHER_SNAPSHOT_MAX_RETAINED is '2'; with AETHER_SNAPSHOT_RECOVERY_WINDOW_SECONDS it must be 3 or more.",
            refused.Problems);
    }

    [Theory]
    [InlineData("10.0.0.7:9464", "10.0.0.7:9464")]
    [InlineData("[fd00::7]:9464", "[fd00::7]:9464")]
    [InlineData("fd00::7:9464", "[fd00::7]:9464")]
    public void The_health_address_is_an_address_and_a_port(string text, string address)
    {
        var options = Read("/worlds/a", (AetherVariables.HealthAddress, text));

        Assert.Equal(address, options.HealthAddress.ToString());
    }

    [Theory]
    [InlineData("10.0.0.7")]
    [InlineData("fd00::7")]
    [InlineData("[fd00::7]")]
    [InlineData("[fd00::7:9464")]
    [InlineData(":9464")]
    [InlineData("fd00::7:94640")]
    public void A_health_address_without_address_or_port_is_refused(string text)
    {
        var refused = Assert.Throws<InvalidSettingsException>(
            () => Read("/worlds/a", (AetherVariables.HealthAddress, text)));

        Assert.Contains(
            $"AETHER_HEALTH_ADDRESS is '{text}'", Assert.Single(refused.Problems), StringComparison.Ordinal);
    }

    [Fact]
    public void Priorities_of_critical_kinds_are_a_list()
    {
        var options = Read("/worlds/a", (AetherVariables.CriticalKinds, "player_inventory=High,chat=Low"));

        Assert.Equal(CriticalPriority.High, options.Engine.CriticalKinds["player_inventory"]);
        Assert.Equal(CriticalPriority.Low, options.Engine.CriticalKinds["chat"]);
    }

    [Fact]
    public void World_without_a_log_cannot_have_a_durability_on_disk()
    {
        var refused = Assert.Throws<InvalidSettingsException>(() => Read(
            "/worlds/a", (AetherVariables.WalEnabled, "false"), (AetherVariables.WalDefaultDurability, "Fsync")));

        Assert.Contains("the only one is Memory", Assert.Single(refused.Problems), StringComparison.Ordinal);
    }

    private static AgentOptions Read(string? local, params (string Name, string Value)[] settings)
    {
        var given = settings.ToDictionary(setting => setting.Name, setting => setting.Value);
        return AgentOptionsReader.Read(name => given.GetValueOrDefault(name), local);
    }
}
