using System.Collections.Concurrent;
using System.Text;
using Aether.Agent.Tests.Support;
using Aether.Client;
using Aether.Persistence.Contracts;
using Aether.TestServers;
using Aether.TestServers.Processes;

namespace Aether.Agent.Tests.Servers;

/// <summary>
/// Two agents fight for one world while connections to PostgreSQL break: each in turn is replaced by the other during
/// its commits, because it was frozen or because clocks jumped. Every answer is recorded, and the history is checked
/// against journal and state: no commit acknowledged as Replicated is lost, and no block of an old epoch comes after a
/// newer one.
/// </summary>
public sealed class FightTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const int Rounds = 4;
    private const int Writers = 16;
    private const int Cuts = 3;
    private const int CommitsBetween = 100;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan Jump = TimeSpan.FromDays(1);

    private readonly ServerWorld _world = new();
    private readonly TemporaryFolder[] _folders = [new("left"), new("right")];
    private readonly ConcurrentDictionary<string, WorldCommitted> _answers = new();
    private readonly SemaphoreSlim _answered = new(0);
    private CuttingProxy _proxy = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await _world.InitializeAsync();
        _proxy = new CuttingProxy(_world.Postgres.Port);
    }

    [Fact]
    public async Task Answers_of_two_writers_frozen_in_turn_belong_to_one_history()
    {
        var processes = new List<AgentProcess>();
        await FightAsync(StartAsync, async (round) =>
        {
            processes[^1].Process.Send(UnixSignal.Stop);
            var next = await StartAsync(round);
            await AnswersAsync(CommitsBetween);
            processes[^2].Process.Send(UnixSignal.Continue);
            return next;
        });

        await CheckAsync();

        async Task<Fighter> StartAsync(int round)
        {
            var agent = await _world.StartAgentAsync(_folders[round % 2], $"writer-{round}", Proxy);
            processes.Add(agent);
            return new Fighter(
                agent, agent.Endpoints, agent.Process.Exited, agent.KillAsync, WriteAsync(agent.Endpoints, round));
        }
    }

    [Fact]
    public async Task Answers_belong_to_one_history_also_when_clocks_jump()
    {
        var clock = new JumpingClock();
        await FightAsync(StartAsync, async (round) =>
        {
            clock.Set(round % 2 == 0 ? Jump : -Jump);
            var next = await StartAsync(round);
            // For the database the lease has expired; its holder renews it until the other agent is faster.
            var epoch = await _world.JumpAsync(Jump);
            while (await _world.JumpAsync(Jump) == epoch)
                await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, Cancellation);
            await _world.JumpAsync(-2 * Jump);
            return next;
        });

        await CheckAsync();

        async Task<Fighter> StartAsync(int round)
        {
            var agent = await _world.StartAgentAsync(_folders[round % 2], $"writer-{round}", clock, Proxy);
            return new Fighter(
                agent, agent.Endpoints, ExitCodeAsync(agent), agent.StopAsync, WriteAsync(agent.Endpoints, round));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _proxy.DisposeAsync();
        await _world.DisposeAsync();
        _answered.Dispose();
        foreach (var folder in _folders)
            folder.Dispose();
    }

    private (string, string) Proxy => (AetherVariables.PostgresPort, $"{_proxy.Port}");

    private static async Task<int> ExitCodeAsync(LocalAgent agent) => (int)await agent.Ended;

    private async Task FightAsync(Func<int, Task<Fighter>> startAsync, Func<int, Task<Fighter>> overtakeAsync)
    {
        var fighter = await startAsync(0);
        for (var round = 1; round <= Rounds; round++)
        {
            await SeverAsync();
            var next = await overtakeAsync(round);
            var exitCode = await fighter.Ended.WaitAsync(Patience, TimeProvider.System, Cancellation);
            await fighter.DisposeAsync();
            Assert.Equal((int)ExitCode.Fenced, exitCode);
            fighter = next;
            // From here on the test awaits only answers of the next agent.
            while (await _answered.WaitAsync(TimeSpan.Zero, Cancellation))
                continue;
        }

        await SeverAsync();
        await fighter.EndAsync();
        await fighter.DisposeAsync();
    }

    // Breaks the connections during appends; only the journal knows which commits were stored.
    private async Task SeverAsync()
    {
        for (var cut = 0; cut < Cuts; cut++)
        {
            await AnswersAsync(CommitsBetween);
            _proxy.Cut();
            _proxy.Mend();
        }

        await AnswersAsync(CommitsBetween);
    }

    private async Task AnswersAsync(int count)
    {
        for (var i = 0; i < count; i++)
            Assert.True(await _answered.WaitAsync(Patience, Cancellation), $"No answer for {Patience}.");
    }

    private async Task WriteAsync(AgentEndpoints agent, int round)
    {
        await using var world = await agent.ConnectAsync(RetryPolicy.None);
        await Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => WriteAsync(world, $"{round}-{writer}")));
    }

    private async Task WriteAsync(AetherWorld world, string writer)
    {
        try
        {
            for (var i = 0; ; i++)
            {
                var id = $"{writer}-{i}";
                _answers[id] = await world.CommitAsync(
                    new WorldCommit { Durability = WorldDurability.Replicated }
                        .Put(new("k", id), Encoding.UTF8.GetBytes(id)),
                    Cancellation);
                _answered.Release();
            }
        }
        catch (Exception end) when (end is AgentUnavailableException or AgentFencedException)
        {
            // The agent was fenced or killed; the outcome of this one commit is unknown, and either is correct.
        }
    }

    private async Task CheckAsync()
    {
        await _world.JumpAsync(3 * Jump);
        await using var last = await _world.StartAgentAsync(_folders[1], "reader", Proxy);
        await using var world = await last.Endpoints.ConnectAsync();
        var state = await world.RecoverAsync(Cancellation);
        var found = await state.Entries.ToDictionaryAsync(entry => entry.Key.Id, cancellationToken: Cancellation);
        var journal = await _world.ReadJournalAsync();

        var sequence = 0UL;
        var epoch = 0UL;
        foreach (var block in journal)
        {
            Assert.Equal(sequence + 1, block.First);
            Assert.True(block.Epoch >= epoch, $"Commit {block.First} of epoch {block.Epoch} follows epoch {epoch}.");
            (sequence, epoch) = (block.Last, block.Epoch);
        }

        foreach (var (id, answer) in _answers)
        {
            Assert.True(found.TryGetValue(id, out var entry), $"{id} was acknowledged as {answer}, and is lost.");
            Assert.Equal((answer.Sequence, id), (entry.Version, Encoding.UTF8.GetString(entry.Value.Span)));
            var block = journal.First(block => block.Last >= answer.Sequence);
            Assert.Equal(answer.Epoch, block.Epoch);
        }

        Assert.Equal(state.Sequence, (ulong)found.Count);
        Assert.Equal(Rounds + 1, _answers.Values.Select(answer => answer.Epoch).Distinct().Count());
        output.WriteLine($"{_answers.Count} answers of {Rounds + 1} writers, {found.Count} commits.");
    }
}
