using System.Text.Json;
using Aether.Agent.Tests.Support;
using Aether.Persistence.Contracts;
using Aether.TestServers;

namespace Aether.Agent.Tests.Process;

public sealed class JsonLogTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly TemporaryFolder _folder = new("json-log");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Each_line_of_a_JSON_log_is_one_object_with_time_level_message_and_the_world()
    {
        var settings = new Dictionary<string, string>
        {
            [AetherVariables.LogFormat] = nameof(LogFormat.Json),
            [AetherVariables.WorldName] = "economy",
            [AetherVariables.Holder] = "economy-0",
        };
        await using var agent = await AgentProcess.LaunchAsync(
            _folder.Path, [AgentProcess.Program, "--local", _folder.Path], settings);
        await agent.WaitForLineAsync(
            line => line.Contains("Serving economy", StringComparison.Ordinal), Patience, Cancellation);

        Assert.Equal((int)ExitCode.Stopped, await agent.StopAsync(Patience));

        var lines = agent.NewestLines();
        Assert.Contains(lines, line => line.Contains("Stopped at sequence", StringComparison.Ordinal));
        Assert.All(lines, line =>
        {
            using var parsed = JsonDocument.Parse(line);
            var entry = parsed.RootElement;
            Assert.True(DateTimeOffset.TryParse(entry.GetProperty("Timestamp").GetString(), out _), line);
            Assert.NotEmpty(entry.GetProperty("LogLevel").GetString()!);
            Assert.NotEmpty(entry.GetProperty("Message").GetString()!);
            var world = entry.GetProperty("Scopes")[0];
            Assert.Equal("economy", world.GetProperty("World").GetString());
            Assert.Equal("economy-0", world.GetProperty("Pod").GetString());
        });
    }
}
