using Aether.Persistence.Commits;
using Aether.Persistence.Contracts;
using Aether.Persistence.Runtime;
using Aether.Persistence.Tests.Simulation;
using static Aether.Persistence.Tests.Runtime.RuntimeFixture;

namespace Aether.Persistence.Tests.Runtime;

/// <summary>
/// The whole runtime, with many concurrent writers, stopped at a random call to its file system, several times in a
/// row, on its own volume or on an empty one.
/// </summary>
public sealed class CrashTests
{
    private const int Lives = 6;
    private const int Writers = 4;
    private const int CommitsOfAWriter = 25;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task No_acknowledged_commit_is_lost(int seed)
    {
        for (var round = 0; round < 10; round++)
            await LiveAsync((seed * 1000) + round);
    }

    private static async Task LiveAsync(int seed)
    {
        await using var fixture = new RuntimeFixture();
        var random = new Random(seed);
        var volume = new SimulatedFileSystem(seed);
        var acknowledged = new Dictionary<int, (ulong Sequence, int Value)>();
        for (var life = 1; life <= Lives; life++)
        {
            var runtime = await fixture.OpenAsync(volume);
            await CheckAsync(runtime, acknowledged, $"seed {seed}, life {life}");

            volume.Plan(random.Next(120), (Fault)random.Next(4));
            var durability = random.Next(3) == 0 ? Durability.Replicated : Durability.Fsync;
            var answers = await Task.WhenAll(Enumerable.Range(0, Writers).Select(
                writer => Task.Run(() => WriteAsync(runtime, writer, life, durability), Cancellation)));
            await fixture.CrashAsync(runtime);
            volume.Restart(powerLoss: random.Next(2) == 0);

            foreach (var (writer, answer) in answers.Index())
                if (answer.Sequence > 0)
                    acknowledged[writer] = answer;

            // If one commit is in the journal, all commits before it are too, so the volume may be lost.
            var shipped = durability == Durability.Replicated && answers.Any(answer => answer.Sequence > 0);
            if (shipped && random.Next(2) == 0)
                volume = new SimulatedFileSystem(seed + life);
        }
    }

    // Each writer counts its own key up, so a lost, doubled or half-applied commit shows as a wrong number.
    private static async Task<(ulong Sequence, int Value)> WriteAsync(
        PersistenceRuntime runtime, int writer, int life, Durability durability)
    {
        var last = (Sequence: 0UL, Value: 0);
        for (var i = 1; i <= CommitsOfAWriter; i++)
        {
            var value = (life * 1000) + i;
            try
            {
                var commit = new Commit(
                    [
                        Mutation.Put(Key(writer), BitConverter.GetBytes(value)),
                        Mutation.Put(Key(writer + 100), BitConverter.GetBytes(-value)),
                    ],
                    durability);
                last = ((await runtime.CommitAsync(commit, Cancellation)).Sequence.Value, value);
            }
            catch (RuntimeUnavailableException)
            {
                break;
            }
        }
        return last;
    }

    private static async Task CheckAsync(
        PersistenceRuntime runtime, Dictionary<int, (ulong Sequence, int Value)> acknowledged, string where)
    {
        foreach (var (writer, answer) in acknowledged)
        {
            var value = await ReadAsync(runtime, writer);
            Assert.True(
                value >= answer.Value, $"{where}: writer {writer} got {answer.Value}, but {value} was recovered.");
            Assert.Equal(-value, await ReadAsync(runtime, writer + 100));
            Assert.True(runtime.Status.Sequence.Value >= answer.Sequence, where);
        }
    }

    private static async Task<int> ReadAsync(PersistenceRuntime runtime, int key)
    {
        var read = await runtime.GetAsync(Key(key), confirmed: false, Cancellation);
        return read.Value is { } value ? BitConverter.ToInt32(value.Value.Span) : 0;
    }
}
