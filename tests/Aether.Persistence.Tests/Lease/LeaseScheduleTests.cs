using Aether.Persistence.Contracts;
using Aether.Persistence.Lease;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Aether.Persistence.Tests.Lease;

/// <summary>
/// Agents that compete for one world, while their store crashes and forgets renewals that were not synced, and while
/// each of them loses its connection now and then. Everything follows from a seed: all runs on the test's own thread.
/// </summary>
public sealed class LeaseScheduleTests
{
    private const int Schedules = 2000;
    private const int Steps = 300;
    private const int Agents = 3;

    private static readonly PersistenceOptions Options = new()
    {
        WorldId = "world",
        Holder = "agent",
        OnJournalLoss = JournalLossPolicy.Block,
    };

    [Fact]
    public async Task No_two_writers_may_acknowledge_at_the_same_time_whatever_a_crash_forgets()
    {
        var (openings, lost) = (0, 0);
        for (var seed = 1; seed <= Schedules; seed++)
        {
            var (schedule, conflict) = await RunAsync(seed, confirmsAtOnce: false);
            Assert.False(conflict, $"Two writers may acknowledge in schedule {seed}.");
            openings += schedule.Openings;
            lost += schedule.Store.Lost;
        }

        // Otherwise the schedules would show nothing.
        Assert.InRange(openings, 3 * Schedules, int.MaxValue);
        Assert.InRange(lost, 2 * Schedules, int.MaxValue);
    }

    [Fact]
    public async Task Schedules_find_a_store_that_confirms_renewals_before_they_are_synced()
    {
        var conflicts = 0;
        for (var seed = 1; seed <= Schedules / 10; seed++)
            conflicts += (await RunAsync(seed, confirmsAtOnce: true)).Conflict ? 1 : 0;

        Assert.NotEqual(0, conflicts);
    }

    // Without the test's synchronization context, continuations run on the thread that advances the clock.
    private static Task<(Schedule Schedule, bool Conflict)> RunAsync(int seed, bool confirmsAtOnce) => Task.Run(() =>
    {
        using var schedule = new Schedule(seed, confirmsAtOnce);
        for (var step = 0; step < Steps; step++)
        {
            schedule.Step();
            schedule.ThrowIfFailed();
            if (schedule.Acknowledging > 1)
                return (schedule, Conflict: true);
        }

        return (schedule, Conflict: false);
    });

    private sealed class Schedule : IDisposable
    {
        private readonly FakeTimeProvider _clock = new();
        private readonly CancellationTokenSource _end = new();
        private readonly Agent[] _agents;
        private readonly Random _random;

        public Schedule(int seed, bool confirmsAtOnce)
        {
            _random = new Random(seed);
            Store = new CrashingLease(confirmsAtOnce);
            _agents = [.. Enumerable.Range(0, Agents).Select(_ => new Agent(Store, _clock))];
        }

        public CrashingLease Store { get; }

        public int Openings => _agents.Sum(agent => agent.Openings);

        /// <summary>Number of agents that may acknowledge now.</summary>
        public int Acknowledging => _agents.Count(agent => agent.MayAcknowledge);

        public void Step()
        {
            var agent = _agents[_random.Next(Agents)];
            switch (_random.Next(20))
            {
                case 0:
                    Store.Crash();
                    break;
                case < 6:
                    Store.Sync();
                    break;
                case < 8:
                    agent.Link.IsCut = !agent.Link.IsCut;
                    break;
                case < 10 when !agent.Lives:
                    agent.Live(_end.Token);
                    break;
                default:
                    _clock.Advance(TimeSpan.FromMilliseconds(_random.Next(1500)));
                    break;
            }
        }

        public void ThrowIfFailed()
        {
            foreach (var agent in _agents)
                agent.ThrowIfFailed();
        }

        public void Dispose()
        {
            _end.Cancel();
            _end.Dispose();
        }
    }

    private sealed class Agent(CrashingLease store, TimeProvider clock)
    {
        private LeaseKeeper? _keeper;
        private Task _life = Task.CompletedTask;

        public CrashingLease.Link Link { get; } = new(store, clock);

        public bool Lives => !_life.IsCompleted;

        public int Openings { get; private set; }

        public bool MayAcknowledge => Lives && _keeper is { MayAcknowledge: true };

        public void Live(CancellationToken cancellationToken) => _life = LiveAsync(cancellationToken);

        public void ThrowIfFailed()
        {
            if (_life is { IsFaulted: true, Exception: { } failure })
                throw failure;
        }

        private async Task LiveAsync(CancellationToken cancellationToken)
        {
            var keeper = new LeaseKeeper(Link, Options, clock, NullLogger<LeaseKeeper>.Instance);
            _keeper = null;
            try
            {
                await keeper.AcquireAsync(Guid.NewGuid(), Epoch.None, _ => { }, cancellationToken);
                _keeper = keeper;
                Openings++;
                await keeper.KeepAsync(cancellationToken);
            }
            catch (FencedException)
            {
                // Another agent has opened the world: this one ends.
            }
        }
    }
}
