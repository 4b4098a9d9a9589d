using System.Globalization;
using Aether.Persistence.Commits;
using Aether.Persistence.Contracts;
using Aether.Persistence.State;

namespace Aether.Persistence.Tests.Schedules;

/// <summary>
/// What a world may hold: its state after every commit ever tried, and how many of these commits must not be lost. A
/// recovered world must equal the state after one of them, not before the last that must not be lost, and must know the
/// idempotency keys of exactly the commits that it holds.
/// </summary>
internal sealed class WorldModel
{
    private readonly List<Moment> _moments;
    private int _kept;

    public WorldModel() => _moments = [new Moment([], null, null, StateDigest.Empty)];

    private WorldModel(WorldModel original)
    {
        _moments = [.. original._moments];
        _kept = original._kept;
    }

    /// <summary>Number of keys.</summary>
    public int Keys { get; init; } = 10;

    /// <summary>Most mutations of a commit.</summary>
    public int MaxMutations { get; init; } = 3;

    /// <summary>Size of the large values.</summary>
    public int LargeBytes { get; init; } = 5000;

    /// <summary>Whether a commit may be refused for lack of memory.</summary>
    public bool MayBeRefused { get; init; }

    /// <summary>Number of commits refused for lack of memory.</summary>
    public int Refused { get; private set; }

    /// <summary>Durability of the commits for which the test waits.</summary>
    public Durability Strongest { get; set; } = Durability.Fsync;

    /// <summary>The last commit acknowledged as replicated.</summary>
    public int Replicated { get; private set; }

    public WorldModel Clone() => new(this);

    /// <summary>Requires commits up to this one to be recovered.</summary>
    public void Require(int sequence) => _kept = Math.Max(_kept, sequence);

    /// <summary>Removes the commits after this one from the world's history.</summary>
    public void CutAfter(int sequence)
    {
        _moments.RemoveRange(sequence + 1, _moments.Count - sequence - 1);
        _kept = sequence;
    }

    /// <summary>Compares a digest with that of the state after a commit.</summary>
    public void CheckDigest(int sequence, StateDigest digest)
    {
        if (_moments[sequence].Digest is { } seen)
            Assert.Equal(seen, digest);
    }

    /// <summary>Takes one random step with the world.</summary>
    public async Task StepAsync(IScheduledWorld world, Random random, CancellationToken cancellationToken)
    {
        var before = world.Sequence;
        try
        {
            await TryStepAsync(world, random, cancellationToken);
        }
        catch (OverloadedException) when (MayBeRefused)
        {
            // The commit would have been found, or refused for another reason.
            Refused++;
            Assert.Equal(before, world.Sequence);
        }
    }

    private async Task TryStepAsync(IScheduledWorld world, Random random, CancellationToken cancellationToken)
    {
        switch (random.Next(10))
        {
            case < 5:
                await CommitBlockAsync(world, random, cancellationToken);
                break;
            case 5:
                await RepeatAsync(world, random, cancellationToken);
                break;
            case 6:
                await RefuseAsync(world, random, cancellationToken);
                break;
            case 7:
                await ReadAsync(world, random, cancellationToken);
                break;
            case 8:
                world.PrepareSpare();
                break;
            default:
                if (await world.TrySnapshotAsync(cancellationToken))
                    Keep(world.Sequence);
                break;
        }
    }

    /// <summary>Starts a commit without waiting for it; null if it is refused for lack of memory.</summary>
    public Task<CommitResult>? TryBegin(IScheduledWorld world, Random random, CancellationToken cancellationToken)
    {
        var sequence = _moments.Count;
        try
        {
            return Begin(world, new Commit(RandomMutations(random), Durability.Replicated), cancellationToken).AsTask();
        }
        catch (OverloadedException) when (MayBeRefused)
        {
            _moments.RemoveAt(sequence);
            Refused++;
            return null;
        }
    }

    /// <summary>Records what an answer promises.</summary>
    public void Record(CommitResult result)
    {
        if (result.Durability >= Durability.Fsync)
            Keep(result.Sequence);
        if (result.Durability >= Durability.Replicated)
            Replicated = Math.Max(Replicated, (int)result.Sequence.Value);
    }

    /// <summary>Checks a recovered world; its content is its history from here on.</summary>
    public async Task CheckAsync(IScheduledWorld world, CancellationToken cancellationToken)
    {
        var position = (int)world.Sequence.Value;
        Assert.True(position >= _kept, $"{_kept} commits were acknowledged, but {position} were recovered.");
        Assert.True(position < _moments.Count, $"{_moments.Count - 1} commits were tried, {position} were recovered.");
        var moment = _moments[position];
        var found = world.Read();
        Assert.Equal(moment.Values.Count, found.Count);
        foreach (var (key, (value, version)) in moment.Values)
        {
            Assert.True(found[key].Value.Span.SequenceEqual(value), $"'{key}' differs after commit {position}.");
            Assert.Equal((ulong)version, found[key].Version.Value);
        }

        if (moment.Digest is { } digest)
            Assert.Equal(digest, world.Digest);
        _moments.RemoveRange(position + 1, _moments.Count - position - 1);
        _kept = position;
        foreach (var former in _moments.Where(former => former.IdempotencyKey is not null))
            await CheckRepeatedAsync(world, former, cancellationToken);
    }

    /// <summary>The state on which recovery can fall back must be the same.</summary>
    public static async Task CheckFallbackAsync(ScheduledWorld world, CancellationToken cancellationToken)
    {
        var state = await world.ReplayFromOldestAsync(cancellationToken);
        Assert.Equal((world.Sequence, world.Digest), (state.Sequence, state.Store.Digest));
    }

    // Several commits without a wait, then one with a wait: together they form one or more blocks.
    private async Task CommitBlockAsync(IScheduledWorld world, Random random, CancellationToken cancellationToken)
    {
        var last = random.Next(4);
        for (var i = 0; i <= last; i++)
        {
            var durability = i == last
                ? Strongest
                : random.Next(2) == 0 ? Durability.Batched : Durability.Memory;
            var key = random.Next(3) == 0 ? $"once-{_moments.Count}-{random.Next()}" : null;
            await CommitAsync(world, new Commit(RandomMutations(random), durability, key), cancellationToken);
        }
    }

    private async Task CommitAsync(IScheduledWorld world, Commit commit, CancellationToken cancellationToken)
    {
        var (sequence, before) = (_moments.Count, world.Sequence);
        CommitResult result;
        try
        {
            result = await Begin(world, commit, cancellationToken);
        }
        catch (OverloadedException) when (MayBeRefused)
        {
            _moments.RemoveAt(sequence);
            Refused++;
            Assert.Equal(before, world.Sequence);
            return;
        }

        Assert.Equal((sequence, false), ((int)result.Sequence.Value, result.Repeated));
        Record(result);
    }

    private ValueTask<CommitResult> Begin(IScheduledWorld world, Commit commit, CancellationToken cancellationToken)
    {
        var sequence = _moments.Count;
        _moments.Add(After(_moments[^1], commit, sequence));
        var answer = world.CommitAsync(commit, cancellationToken);
        if (answer.IsFaulted)
        {
            // A commit refused by a full volume is not part of the history, and ends this life.
            var refused = answer.AsTask();
            if (refused.Exception!.InnerException is OverloadedException refusal)
                throw refusal;
            answer = new ValueTask<CommitResult>(refused);
        }

        _moments[^1] = _moments[^1] with { Digest = (int)world.Sequence.Value == sequence ? world.Digest : null };
        return answer;
    }

    private async Task RepeatAsync(IScheduledWorld world, Random random, CancellationToken cancellationToken)
    {
        var keyed = _moments.Where(moment => moment.IdempotencyKey is not null).ToList();
        if (keyed.Count == 0)
            return;
        var former = keyed[random.Next(keyed.Count)];
        await CheckRepeatedAsync(world, former, cancellationToken);
        Keep(new Sequence((ulong)_moments.IndexOf(former)));
    }

    private async Task CheckRepeatedAsync(IScheduledWorld world, Moment former, CancellationToken cancellationToken)
    {
        var before = world.Sequence;
        var commit = former.Commit! with { Durability = Durability.Fsync };
        var result = await world.CommitAsync(commit, cancellationToken);
        Assert.Equal(
            (_moments.IndexOf(former), true, before), ((int)result.Sequence.Value, result.Repeated, world.Sequence));
    }

    private async Task RefuseAsync(IScheduledWorld world, Random random, CancellationToken cancellationToken)
    {
        var key = RandomKey(random);
        var current = _moments[^1].Values.TryGetValue(key, out var held) ? held.Version : 0;
        var commit = new Commit([Mutation.Put(key, new byte[1], new Sequence((ulong)current + 1))]);
        var before = world.Sequence;
        try
        {
            await world.CommitAsync(commit, cancellationToken);
            Assert.Fail($"A commit to '{key}' was accepted although it expects version {current + 1}, not {current}.");
        }
        catch (VersionMismatchException)
        {
            Assert.Equal(before, world.Sequence);
        }
    }

    private async Task ReadAsync(IScheduledWorld world, Random random, CancellationToken cancellationToken)
    {
        var key = RandomKey(random);
        var read = await world.ReadConfirmedAsync(key, cancellationToken);
        if (_moments[^1].Values.TryGetValue(key, out var held))
        {
            Assert.True(read!.Value.Value.Span.SequenceEqual(held.Value));
            Keep(read.Value.Version);
        }
        else
        {
            Assert.Null(read);
            Keep(world.Sequence);
        }
    }

    private void Keep(Sequence sequence) => _kept = Math.Max(_kept, (int)sequence.Value);

    private static Moment After(Moment before, Commit commit, int sequence)
    {
        var values = new Dictionary<StateKey, (byte[], int)>(before.Values);
        foreach (var mutation in commit.Mutations)
        {
            if (mutation.IsDelete)
                values.Remove(mutation.Key);
            else
                values[mutation.Key] = (mutation.Value.ToArray(), sequence);
        }

        return new Moment(values, commit.IdempotencyKey, commit, Digest: null);
    }

    private Mutation[] RandomMutations(Random random) =>
        [.. Enumerable.Range(0, random.Next(1, MaxMutations + 1)).Select(_ => RandomMutation(random))];

    private Mutation RandomMutation(Random random)
    {
        var key = RandomKey(random);
        if (random.Next(4) == 0)
            return Mutation.Delete(key);
        var value = new byte[random.Next(40) == 0 ? LargeBytes : random.Next(400)];
        if (random.Next(4) > 0)
            random.NextBytes(value);
        return Mutation.Put(key, value);
    }

    private StateKey RandomKey(Random random) =>
        new("item", random.Next(Keys).ToString(CultureInfo.InvariantCulture));

    /// <summary>The state after a commit.</summary>
    /// <param name="Values">Keys, with value and version.</param>
    /// <param name="IdempotencyKey">The commit's idempotency key, if it has one.</param>
    /// <param name="Commit">The commit; null before the first.</param>
    /// <param name="Digest">The engine's digest at that time; null if it was not seen.</param>
    private sealed record Moment(
        Dictionary<StateKey, (byte[] Value, int Version)> Values,
        string? IdempotencyKey,
        Commit? Commit,
        StateDigest? Digest);
}
