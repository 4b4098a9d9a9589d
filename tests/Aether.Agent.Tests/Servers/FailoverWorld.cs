using System.Diagnostics;
using Aether.Agent.Tests.Support;
using Aether.Client;
using Aether.Persistence.Contracts;
using Aether.TestServers;
using Npgsql;

namespace Aether.Agent.Tests.Servers;

/// <summary>A world with eight writers that commit at Replicated while its PostgreSQL fails over.</summary>
internal sealed class FailoverWorld : IAsyncDisposable
{
    /// <summary>How many writers commit at once.</summary>
    public const int Writers = 8;

    private const string World = "economy";
    private const string Namespace = "tests";
    private const string Second = "second";
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    private readonly WorldNames _names = WorldNames.For(Namespace, World);
    private readonly string _password = Secrets.NewPassword();
    private readonly string _uid = Guid.NewGuid().ToString();
    private readonly TemporaryFolder _folder = new("failover");
    private readonly TemporaryFolder _empty = new("failover-empty");
    private readonly Counters _counters = new(Writers);
    private AgentProcess? _agent;
    private AetherWorld? _client;
    private Task _counting = Task.CompletedTask;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Number of acknowledged commits so far.</summary>
    public long Acknowledged => _counters.Acknowledged;

    /// <summary>The agent.</summary>
    public AgentProcess Agent => _agent!;

    /// <summary>Creates the world's schema; <paramref name="admin"/> leads to the primary.</summary>
    public Task CreateAsync(string admin) => WorldSchema.CreateAsync(admin, _names, _password);

    /// <summary>Starts the agent, and writers that run as long as it does.</summary>
    public async Task WriteAsync(params (string Name, string Value)[] address)
    {
        if (_client is not null)
            await _client.DisposeAsync();
        if (_agent is not null)
            await _agent.DisposeAsync();
        _agent = await StartAsync(_folder, "first", address);
        _client = await _agent.Endpoints.ConnectAsync(RetryPolicy.None);
        if (Acknowledged > 0)
            await _counters.CheckAsync(_client, "After the restart on the same volume", Cancellation);
        _counting = _counters.CountAsync(_client, Cancellation);
    }

    /// <summary>Completes after that many more acknowledged commits.</summary>
    public async Task UntilAcknowledgedAsync(int more)
    {
        var enough = _counters.WhenAcknowledgedAsync(more);
        Assert.True(
            await Task.WhenAny(enough, _counting, Agent.Process.Exited) == enough,
            "The agent is gone:\n" + string.Join('\n', Agent.Process.NewestLines()));
    }

    /// <summary>
    /// Waits until PostgreSQL accepts writes as the primary, and then until each writer may have continued; returns the
    /// time for the latter.
    /// </summary>
    public async Task<TimeSpan> GoOnAsync(string newPrimary)
    {
        await AcceptsWritesAsync(newPrimary);
        var accepts = Stopwatch.GetTimestamp();
        await UntilAcknowledgedAsync(2 * Writers);
        return Stopwatch.GetElapsedTime(accepts);
    }

    /// <summary>
    /// Kills the agent, and lets another agent with an empty volume compare PostgreSQL's content with the acknowledged
    /// commits.
    /// </summary>
    public async Task CheckJournalAsync(params (string Name, string Value)[] address)
    {
        await Agent.KillAsync();
        await _counting;
        var (other, world) = await OpenWithoutVolumeAsync(address);
        await using var agent = other;
        await using var client = world;
        await _counters.CheckAsync(world, "In the new primary's journal", Cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        if (_client is not null)
            await _client.DisposeAsync();
        if (_agent is not null)
            await _agent.DisposeAsync();
        _folder.Dispose();
        _empty.Dispose();
    }

    // An agent that abandons the statement that opens the world, because a busy server did not answer in time, opens
    // the world again. If the server executes the first statement after that, the second opening is no longer the last:
    // the agent was fenced by its own opening, and the kubelet would restart it. Nothing else may fence it.
    private async Task<(AgentProcess Agent, AetherWorld World)> OpenWithoutVolumeAsync(
        IReadOnlyList<(string Name, string Value)> address)
    {
        while (true)
        {
            var agent = await StartAsync(_empty, Second, address);
            var connecting = agent.Endpoints.ConnectAsync();
            if (await Task.WhenAny(connecting, agent.Process.Exited) == connecting)
                return (agent, await connecting);

            var exitCode = await agent.Process.Exited;
            await agent.Process.OutputEnded.WaitAsync(Cancellation);
            var said = string.Join('\n', agent.Process.NewestLines());
            await agent.DisposeAsync();
            Assert.True(
                exitCode == (int)ExitCode.Fenced
                && said.Contains($"Fenced by '{Second}'", StringComparison.Ordinal),
                $"The agent is gone with exit code {exitCode}:\n{said}");
        }
    }

    private static async Task AcceptsWritesAsync(string admin)
    {
        await using var data = NpgsqlDataSource.Create(admin);
        while (true)
        {
            try
            {
                await using var command = data.CreateCommand("SELECT pg_is_in_recovery()");
                if (await command.ExecuteScalarAsync(Cancellation) is false)
                    return;
            }
            catch (NpgsqlException exception) when (exception.IsTransient)
            {
                // Patroni may restart a server that it is about to promote.
            }

            await Task.Delay(Pause, TimeProvider.System, Cancellation);
        }
    }

    private Task<AgentProcess> StartAsync(
        TemporaryFolder folder, string holder, IEnumerable<(string Name, string Value)> address)
    {
        var settings = new Dictionary<string, string>
        {
            [AetherVariables.WorldName] = World,
            [AetherVariables.WorldNamespace] = Namespace,
            [AetherVariables.WorldUid] = _uid,
            [AetherVariables.Holder] = holder,
            [AetherVariables.Socket] = folder.File("agent.sock"),
            [AetherVariables.HttpSocket] = folder.File("http.sock"),
            [AetherVariables.HealthAddress] = "127.0.0.1:0",
            [AetherVariables.WalDirectory] = folder.Subfolder("volume"),
            [AetherVariables.WalDefaultDurability] = "Replicated",
            [AetherVariables.PostgresHost] = "127.0.0.1",
            [AetherVariables.PostgresDatabase] = "postgres",
            [AetherVariables.PostgresSchema] = _names.Schema,
            [AetherVariables.PostgresUsername] = _names.Role,
            [AetherVariables.PostgresPassword] = _password,
            [AetherVariables.PostgresSslMode] = "Disable",
        };
        foreach (var (name, value) in address)
            settings[name] = value;
        return AgentProcess.StartAsync(folder.Path, [], settings);
    }
}
