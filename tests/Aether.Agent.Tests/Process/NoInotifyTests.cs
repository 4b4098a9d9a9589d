using Aether.Agent.Tests.Support;
using Aether.TestServers;
using Aether.TestServers.Processes;

namespace Aether.Agent.Tests.Process;

public sealed class NoInotifyTests : IDisposable
{
    private readonly TemporaryFolder _folder = new("no-inotify");

    public void Dispose() => _folder.Dispose();

    [Fact, Trait("Field", "F11")]
    public async Task The_agent_starts_where_no_inotify_instance_is_left()
    {
        const string script = "echo 0 > /proc/sys/user/max_inotify_instances && exec \"$0\" \"$@\"";
        await using var process = await AgentProcess.LaunchAsync(
            _folder.Path,
            [
                Binary.Find("unshare", "util-linux"), "--user", "--map-root-user", "sh", "-c", script,
                AgentProcess.Program, "--local", _folder.Path,
            ],
            new Dictionary<string, string> { ["AETHER_HEALTH_ADDRESS"] = "127.0.0.1:0" });

        await process.WaitForLineAsync(
            line => line.Contains("Listening:", StringComparison.Ordinal),
            TimeSpan.FromSeconds(60),
            TestContext.Current.CancellationToken);
    }
}
