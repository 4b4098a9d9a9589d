using Aether.Persistence.Contracts;

namespace Aether.Operator.Provisioning.Nats;

/// <summary>The only subjects a NATS user may publish and subscribe to.</summary>
internal sealed record NatsPermissions(IReadOnlyList<string> Publish, IReadOnlyList<string> Subscribe)
{
    private static readonly string[] NoMore = [];

    /// <summary>
    /// What a world's agent needs: its own subjects, reading its own streams with consumers of its own, and its own
    /// inboxes. It can neither make, change nor delete a stream, and purge none but its journal.
    /// </summary>
    public static NatsPermissions For(WorldNames world, bool hasJournal = false) => new(
        Publish:
        [
            $"{world.SubjectPrefix}>",
            .. Read(world.EventStream),
            .. hasJournal ? [.. Read(world.JournalStream), $"$JS.API.STREAM.PURGE.{world.JournalStream}"] : NoMore,
        ],
        Subscribe: [$"{world.SubjectPrefix}>", $"{world.InboxPrefix}.>"]);

    private static string[] Read(string stream) =>
    [
        $"$JS.API.STREAM.INFO.{stream}",
        $"$JS.API.STREAM.MSG.GET.{stream}",
        $"$JS.API.DIRECT.GET.{stream}",
        $"$JS.API.DIRECT.GET.{stream}.>",
        $"$JS.API.CONSUMER.CREATE.{stream}",
        $"$JS.API.CONSUMER.CREATE.{stream}.>",
        $"$JS.API.CONSUMER.DURABLE.CREATE.{stream}.>",
        $"$JS.API.CONSUMER.INFO.{stream}.*",
        $"$JS.API.CONSUMER.DELETE.{stream}.*",
        $"$JS.API.CONSUMER.MSG.NEXT.{stream}.*",
        $"$JS.ACK.{stream}.>",
    ];
}
