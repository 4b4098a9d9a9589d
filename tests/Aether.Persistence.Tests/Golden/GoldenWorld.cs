using System.Text;
using Aether.Persistence.Commits;
using Aether.Persistence.Snapshots;
using Aether.Persistence.State;
using Aether.Persistence.Tests.Simulation;
using Aether.Persistence.Tests.Wal;

namespace Aether.Persistence.Tests.Golden;

/// <summary>
/// The world of the golden files: everything that a log and a snapshot can hold, with fixed times and names.
/// </summary>
internal static class GoldenWorld
{
    public const string WorldId = LogWorld.WorldId;

    public static readonly byte[] Large = [.. Enumerable.Range(0, 3200).Select(i => (byte)(i * 7))];

    public static readonly DateTimeOffset CapturedAt = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);

    public static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);

    /// <summary>Writes it with the present code; returns every file.</summary>
    public static async Task<IReadOnlyDictionary<string, byte[]>> WriteAsync(CancellationToken cancellationToken)
    {
        var files = new SimulatedFileSystem(seed: 1);
        using (var world = LogWorld.Open(files))
        {
            world.Append(
                new Commit([Mutation.Put(new StateKey("item", "1"), Text("one"))]),
                new Commit(
                    [
                        Mutation.Put(new StateKey("player", "ñandú"), Text("run"), new Sequence(0)),
                        Mutation.Put(new StateKey("item", "2"), ReadOnlyMemory<byte>.Empty),
                    ],
                    IdempotencyKey: "once"));
            world.Append(new Commit([Mutation.Delete(new StateKey("item", "1"))]));
            world.Append(new Commit([Mutation.Put(new StateKey("item", "3"), Large)]));
            world.Append(new Commit([Mutation.Put(new StateKey("item", "4"), Text("after the rotation"))]));
        }

        using (var world = LogWorld.Open(files))
        {
            var captured = new CapturedWorld(
                new StateView(world.State.Sequence, new Epoch(1), world.State.Store.Digest, world.State.Store.Copy()),
                world.State.Idempotency.Copy(),
                world.State.Idempotency.Forgotten,
                world.State.CommittedAt);
            await new FileSnapshotStore(files).WriteAsync(
                SnapshotWriter.Describe(captured, CapturedAt),
                SnapshotWriter.Write(captured, WorldId),
                cancellationToken);
            world.Append(new Commit([Mutation.Put(new StateKey("item", "2"), Text("of epoch 2"), new Sequence(2))]));
        }

        return files.Paths.ToDictionary(
            path => path,
            path =>
            {
                byte[] bytes = [];
                files.Damage(path, content => bytes = content.ToArray());
                return bytes;
            });
    }
}
