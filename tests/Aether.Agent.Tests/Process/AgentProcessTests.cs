using System.Net;
using Aether.Agent.Tests.Support;
using Aether.Client;
using Aether.TestServers;
using Aether.TestServers.Processes;

namespace Aether.Agent.Tests.Process;

/// <summary>Start and end of the agent as a process.</summary>
public sealed class AgentProcessTests : IDisposable
{
    private static readonly TimeSpan EndTimeout = TimeSpan.FromSeconds(60);

    private readonly TemporaryFolder _folder = new("process");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Agent_exits_with_0_on_SIGTERM_and_its_successor_has_every_commit()
    {
        await using (var first = await AgentProcess.StartAsync(_folder.Path))
        {
            await using var client = await first.Endpoints.ConnectAsync();
            await client.CommitAsync(Put("batched", WorldDurability.Batched), Cancellation);
            await client.CommitAsync(Put("memory", WorldDurability.Memory), Cancellation);

            Assert.Equal((int)ExitCode.Stopped, await first.StopAsync());
        }

        await using var second = await AgentProcess.StartAsync(_folder.Path);
        await using var world = await second.Endpoints.ConnectAsync();
        var state = await world.RecoverAsync(Cancellation);

        Assert.Equal((2UL, 2UL), (state.Sequence, state.Keys));
    }

    [Fact]
    public async Task Log_that_cannot_be_written_ends_the_agent_with_its_own_code_and_loses_nothing_acknowledged()
    {
        var acknowledged = 0;
        await using (var limited = await AgentProcess.StartAsync(_folder.Path))
        {
            await using var client = await limited.Endpoints.ConnectAsync(RetryPolicy.None);
            await LimitFileSizeAsync(limited.Process.Id, bytes: 512 << 10);
            await Assert.ThrowsAsync<AgentUnavailableException>(async () =>
            {
                while (true)
                {
                    var commit = new WorldCommit().Put(new("k", $"{acknowledged}"), new byte[100_000]);
                    await client.CommitAsync(commit, Cancellation);
                    acknowledged++;
                }
            });

            Assert.Equal((int)ExitCode.WalFailed, await limited.Process.Exited.WaitAsync(EndTimeout, Cancellation));
            await limited.Process.OutputEnded.WaitAsync(EndTimeout, Cancellation);
            Assert.Contains(
                limited.Process.NewestLines(), line => line.Contains("log failed", StringComparison.Ordinal));
        }

        await using var next = await AgentProcess.StartAsync(_folder.Path);
        await using var world = await next.Endpoints.ConnectAsync();
        var state = await world.RecoverAsync(Cancellation);

        Assert.NotEqual(0, acknowledged);
        Assert.InRange(state.Sequence, (ulong)acknowledged, (ulong)acknowledged + 1);
    }

    [Fact]
    public async Task Command_aether_is_installed_beside_the_agent_and_reads_its_volume()
    {
        await using (var agent = await AgentProcess.StartAsync(_folder.Path))
        {
            await using var client = await agent.Endpoints.ConnectAsync();
            await client.CommitAsync(Put("fsynced", WorldDurability.Fsync), Cancellation);
            await agent.StopAsync();
        }

        var (sound, output) = await RunCommandAsync("wal", "verify", _folder.Path);
        var (misused, _) = await RunCommandAsync("wal", "verify", "--nonsense");

        Assert.Equal((0, 2), (sound, misused));
        Assert.Contains("log     commit 1 without a gap", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bad_settings_end_the_agent_with_1_and_are_each_named()
    {
        await using var process = await AgentProcess.LaunchAsync(
            _folder.Path,
            [AgentProcess.Program],
            new Dictionary<string, string> { ["AETHER_WAL_SEGMENT_BYTES"] = "12" });

        Assert.Equal((int)ExitCode.BadConfiguration, await process.Exited.WaitAsync(EndTimeout, Cancellation));
        await process.OutputEnded.WaitAsync(EndTimeout, Cancellation);
        var said = await File.ReadAllTextAsync(process.ErrorFile, Cancellation);
        Assert.Contains("AETHER_WAL_SEGMENT_BYTES is '12'", said, StringComparison.Ordinal);
        Assert.Contains("AETHER_WORLD_NAME is not set", said, StringComparison.Ordinal);
        Assert.Contains("AETHER_POSTGRES_HOST is missing", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Address_of_another_machine_ends_the_agent_with_1_and_is_named()
    {
        await using var process = await AgentProcess.LaunchAsync(
            _folder.Path,
            [AgentProcess.Program, "--local", _folder.Subfolder("world"), "--health", "192.0.2.1:9464"],
            new Dictionary<string, string>());

        Assert.Equal((int)ExitCode.BadConfiguration, await process.Exited.WaitAsync(EndTimeout, Cancellation));
        var said = await File.ReadAllTextAsync(process.ErrorFile, Cancellation);
        Assert.Contains("192.0.2.1:9464", said, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Setting_is_read_from_a_file_unless_the_environment_has_it()
    {
        var settings = _folder.Subfolder("settings");
        await File.WriteAllTextAsync(Path.Combine(settings, "AETHER_WORLD_NAME"), "from-file\n", Cancellation);
        await File.WriteAllTextAsync(Path.Combine(settings, "AETHER_HOLDER"), "from-file\n", Cancellation);
        await using var process = await AgentProcess.LaunchAsync(
            _folder.Path,
            [AgentProcess.Program, "--local", _folder.Subfolder("world")],
            new Dictionary<string, string>
            {
                ["AETHER_CONFIG_DIRECTORY"] = settings,
                ["AETHER_HOLDER"] = "from-environment",
            });

        var line = await process.WaitForLineAsync(
            text => text.Contains("Settings:", StringComparison.Ordinal), EndTimeout, Cancellation);

        Assert.Contains("world from-file", line, StringComparison.Ordinal);
        Assert.Contains("holder from-environment", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Damaged_log_ends_the_agent_with_its_own_code_and_stays_unchanged()
    {
        await using (var first = await AgentProcess.StartAsync(_folder.Path))
        {
            await using var client = await first.Endpoints.ConnectAsync();
            for (var i = 0; i < 20; i++)
                await client.CommitAsync(Put($"{i}", WorldDurability.Fsync), Cancellation);
            await first.KillAsync();
        }

        var segment = Assert.Single(Directory.GetFiles(_folder.File("wal"), "*.wal"));
        var bytes = await File.ReadAllBytesAsync(segment, Cancellation);
        bytes[200] ^= 0xFF;
        await File.WriteAllBytesAsync(segment, bytes, Cancellation);
        await using var second = await AgentProcess.StartAsync(_folder.Path);
        await second.Process.WaitForLineAsync(
            line => line.Contains($"aether wal repair {_folder.Path}", StringComparison.Ordinal),
            EndTimeout,
            Cancellation);

        Assert.Equal((int)ExitCode.RecoveryFailed, await second.Process.Exited.WaitAsync(EndTimeout, Cancellation));
        Assert.Equal(bytes, await File.ReadAllBytesAsync(segment, Cancellation));
    }

    [Fact]
    public async Task Health_address_answers_as_soon_as_the_agent_has_started()
    {
        await using var agent = await AgentProcess.StartAsync(_folder.Path);

        var alive = await agent.Endpoints.Health.GetAsync("healthz", Cancellation);

        Assert.Equal(HttpStatusCode.OK, alive.StatusCode);
    }

    public void Dispose() => _folder.Dispose();

    // RLIMIT_FSIZE makes the kernel refuse a write, like a full disk, and needs neither root nor a mount. It is set
    // once the agent runs, because the runtime itself maps large files at its start.
    private async Task LimitFileSizeAsync(int processId, long bytes)
    {
        await using var prlimit = await AgentProcess.LaunchAsync(
            _folder.Path,
            [Binary.Find("prlimit", "util-linux"), $"--pid={processId}", $"--fsize={bytes}"],
            new Dictionary<string, string>());
        Assert.Equal(0, await prlimit.Exited.WaitAsync(EndTimeout, Cancellation));
    }

    private async Task<(int Code, string Output)> RunCommandAsync(params string[] arguments)
    {
        await using var process = await AgentProcess.LaunchAsync(
            _folder.Subfolder(arguments[^1].Trim('-', '/').Replace('/', '-')),
            [AgentProcess.Command, .. arguments],
            new Dictionary<string, string>());
        var code = await process.Exited.WaitAsync(EndTimeout, Cancellation);
        await process.OutputEnded.WaitAsync(EndTimeout, Cancellation);
        return (code, await File.ReadAllTextAsync(process.OutputFile, Cancellation));
    }

    private static WorldCommit Put(string id, WorldDurability durability) =>
        new WorldCommit { Durability = durability }.Put(new("k", id), new byte[] { 1 });
}
