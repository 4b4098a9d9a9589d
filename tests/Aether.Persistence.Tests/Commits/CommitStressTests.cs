using System.Collections.Concurrent;
using Aether.Persistence.Commits;
using Aether.Persistence.Contracts;
using Aether.Persistence.Runtime;
using Aether.Persistence.Tests.Runtime;
using Aether.Persistence.Tests.Simulation;
using Aether.Persistence.Tests.Wal;
using static Aether.Persistence.Tests.Runtime.RuntimeFixture;

namespace Aether.Persistence.Tests.Commits;

/// <summary>
/// Many threads, every durability, abandoned waits, and a disk that fails meanwhile: each await ends once and with its
/// own answer, and none ends before its commit has its durability.
/// </summary>
public sealed class CommitStressTests
{
    private const int Writers = 16;
    private const int CommitsOfAWriter = 150;

    // A hang must fail the test rather than run for ever.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly ConcurrentDictionary<ulong, int> _answers = new();

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, false)]
    [InlineData(true, true)]
    [InlineData(false, true)]
    public async Task Every_await_ends_once_and_with_its_own_answer(bool inline, bool fails)
    {
        for (var seed = 0; seed < 5; seed++)
        {
            _answers.Clear();
            await using var fixture = new RuntimeFixture();
            fixture.Options = fixture.Options with { AcknowledgeInline = inline };
            var volume = new SimulatedFileSystem(seed);
            var runtime = await fixture.OpenAsync(volume);
            if (fails)
                volume.Plan(new Random(seed).Next(200, 1500), Fault.Error);

            var writers = Enumerable.Range(0, Writers).Select(writer => Task.Run(
                () => WriteAsync(runtime, fixture, writer, new Random((seed * 100) + writer)), Cancellation));
            var ended = await Task.WhenAll(writers).WaitAsync(Patience, TimeProvider.System, Cancellation);

            Assert.Equal(Writers * CommitsOfAWriter, ended.Sum());
            if (!fails)
                Assert.Equal((ulong)(Writers * CommitsOfAWriter), runtime.Status.Sequence.Value);
        }
    }

    [Fact]
    public async Task Continuation_of_a_commit_in_one_world_may_commit_to_another()
    {
        await using var fixture = new RuntimeFixture();
        await using var other = new RuntimeFixture();
        fixture.Options = other.Options = fixture.Options with { AcknowledgeInline = true };
        var volume = new SimulatedFileSystem(seed: 1);
        var from = await fixture.OpenAsync(volume);
        var to = await other.OpenAsync(new SimulatedFileSystem(seed: 2));

        volume.SyncGate.Reset();
        var transfer = TransferAsync();
        volume.SyncGate.Set();
        var arrived = await transfer.WaitAsync(Patience, TimeProvider.System, Cancellation);

        Assert.Equal(new Sequence(1), arrived.Sequence);

        async Task<CommitResult> TransferAsync()
        {
            await from.CommitAsync(Put(1, "left"), pipelined: true, Cancellation).ConfigureAwait(false);
            return await to.CommitAsync(Put(1, "arrived"), Cancellation).ConfigureAwait(false);
        }
    }

    [Fact]
    public async Task Segments_are_dropped_beside_a_writer_that_fills_them()
    {
        const int atLeast = 4000;
        var files = new SimulatedFileSystem(seed: 1);
        var (appended, enough) = (0, false);
        using (var world = LogWorld.Open(files))
        {
            var dropping = Task.Run(
                () =>
                {
                    while (!Volatile.Read(ref enough))
                        world.Log.DropThrough(new Sequence((ulong)Math.Max(0, Volatile.Read(ref appended) - 3)));
                },
                Cancellation);

            // A busy machine may begin the task late, so the writer goes on until a segment was dropped beside it.
            while (!dropping.IsFaulted && (appended < atLeast || world.Log.First.Value == 1))
            {
                Cancellation.ThrowIfCancellationRequested();
                world.Append(new Commit([Mutation.Put(Key(appended % 7), new byte[700])]));
                Interlocked.Increment(ref appended);
            }

            Volatile.Write(ref enough, true);
            await dropping;
        }

        var log = Persistence.Wal.LogOpening.Open(files, LogWorld.WorldId, 4096);
        Assert.Equal(new Sequence((ulong)appended), log.End!.Value.Last);
        Assert.InRange(log.First.Value, 2UL, (ulong)appended);
    }

    // Returns how many awaits ended, each in one of the permitted ways.
    private async Task<int> WriteAsync(PersistenceRuntime runtime, RuntimeFixture fixture, int writer, Random random)
    {
        var ended = 0;
        var last = Sequence.None;
        while (ended < CommitsOfAWriter)
        {
            var burst = Math.Min(random.Next(1, 6), CommitsOfAWriter - ended);
            var waits = Enumerable.Range(0, burst)
                .Select(i => CommitAsync(runtime, fixture, writer, pipelined: i < burst - 1, random))
                .ToList();
            foreach (var wait in waits)
            {
                if (await wait is { } sequence)
                {
                    Assert.True(sequence > last, $"Writer {writer} got {sequence} after {last}.");
                    last = sequence;
                }

                ended++;
            }
        }

        return ended;
    }

    private async Task<Sequence?> CommitAsync(
        PersistenceRuntime runtime, RuntimeFixture fixture, int writer, bool pipelined, Random random)
    {
        var durability = (Durability)random.Next((int)Durability.Memory, (int)Durability.Replicated + 1);
        using var giveUp = new CancellationTokenSource();
        var gives = random.Next(8) == 0;
        try
        {
            var wait = runtime.CommitAsync(Put(writer, "x", durability), pipelined, giveUp.Token);
            if (gives)
                await giveUp.CancelAsync();
            var result = await wait;
            Assert.Equal(durability, result.Durability);
            Assert.True(_answers.TryAdd(result.Sequence.Value, writer), $"{result.Sequence} was answered twice.");
            if (durability >= Durability.Fsync)
                Assert.True(runtime.Status.Durable >= result.Sequence, $"{result.Sequence} was not synced.");
            if (durability >= Durability.Replicated)
                Assert.True(fixture.Stores.Blocks[^1].Last >= result.Sequence, $"{result.Sequence} was not shipped.");
            return result.Sequence;
        }
        catch (OperationCanceledException) when (gives)
        {
            return null;
        }
        catch (RuntimeUnavailableException)
        {
            return null;
        }
    }
}
