using System.Globalization;
using System.Text;
using Aether.Client;

namespace Aether.Agent.Tests.Support;

/// <summary>
/// Writers that each count one key up and another key down in every commit. So a lost, doubled or half-applied commit
/// is visible, and the number of all commits is the sum of the counters.
/// </summary>
internal sealed class Counters(int writers)
{
    private readonly int[] _acknowledged = new int[writers];
    private readonly int[] _tried = new int[writers];
    private readonly ulong[] _versions = new ulong[writers];
    private TaskCompletionSource _enough = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _wanted = long.MaxValue;
    private long _inThisLife;

    /// <summary>Completes after that many more acknowledged commits.</summary>
    public Task WhenAcknowledgedAsync(long commits)
    {
        _enough = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _inThisLife = 0;
        _wanted = commits;
        return _enough.Task;
    }

    /// <summary>Number of acknowledged commits so far.</summary>
    public long Acknowledged => _acknowledged.Sum(count => (long)count);

    /// <summary>Lets all writers count until the agent ends, each with one pending commit.</summary>
    public Task CountAsync(AetherWorld world, CancellationToken cancellationToken) => Task.WhenAll(
        Enumerable.Range(0, writers).Select(writer => CountAsync(world, writer, cancellationToken)));

    /// <summary>Checks the recovered counters; the writers continue from them.</summary>
    public async Task CheckAsync(AetherWorld world, string where, CancellationToken cancellationToken)
    {
        var state = await world.RecoverAsync(cancellationToken);
        var found = await state.Entries.ToDictionaryAsync(
            entry => entry.Key.Id, entry => entry, cancellationToken: cancellationToken);
        long total = 0;
        for (var writer = 0; writer < writers; writer++)
        {
            var up = Value(found, $"up-{writer}");
            Assert.True(
                up >= _acknowledged[writer] && up <= _tried[writer],
                $"{where}: writer {writer} tried {_tried[writer]}, got {_acknowledged[writer]}, found {up}.");
            Assert.True(Value(found, $"down-{writer}") == -up, $"{where}: half a commit of writer {writer}.");
            _acknowledged[writer] = _tried[writer] = up;
            _versions[writer] = found.TryGetValue($"up-{writer}", out var entry) ? entry.Version : 0;
            total += up;
        }

        Assert.True(state.Sequence == (ulong)total, $"{where}: {state.Sequence} commits, of which {total} count.");
    }

    private async Task CountAsync(AetherWorld world, int writer, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                var next = ++_tried[writer];
                var committed = await world.CommitAsync(
                    new WorldCommit()
                        .Put(new("counter", $"up-{writer}"), Bytes(next), _versions[writer])
                        .Put(new("counter", $"down-{writer}"), Bytes(-next)),
                    cancellationToken);
                _versions[writer] = committed.Sequence;
                _acknowledged[writer] = next;
                if (Interlocked.Increment(ref _inThisLife) >= _wanted)
                    _enough.TrySetResult();
            }
        }
        catch (AgentUnavailableException)
        {
            // The agent was killed; the outcome of this one commit is unknown, and either is correct.
        }
    }

    private static byte[] Bytes(int value) => Encoding.UTF8.GetBytes(value.ToString(CultureInfo.InvariantCulture));

    private static int Value(Dictionary<string, WorldEntry> found, string id) => found.TryGetValue(id, out var entry)
        ? int.Parse(Encoding.UTF8.GetString(entry.Value.Span), CultureInfo.InvariantCulture)
        : 0;
}
