using Aether.Persistence.Contracts;

namespace Aether.Operator.Provisioning.Nats;

/// <summary>The only subjects that a NATS user may publish and subscribe to.</summary>
internal sealed record NatsPermissions(IReadOnlyList<string> Publish, IReadOnlyList<string> Subscribe)
{
    private static readonly string[] NoMore = [];

    /// <summary>
    /// The permissions of a world's agent: its own subjects, consumers of its own streams, and its own inboxes. It can
    /// neither create, change nor delete a stream, and can purge only its journal.
    /// </summary>
    /// <param name="world">The world.</param>
    /// <param name="hasJournal">Whether its journal is in JetStream.</param>
    /// <param name="domain">JetStream domain of the streams; null for that of the connected server.</param>
    public static NatsPermissions For(WorldNames world, bool hasJournal = false, string? domain = null)
    {
        var api = domain is null ? "$JS.API" : $"$JS.{domain}.API";
        return new(
            Publish:
            [
                $"{world.SubjectPrefix}>",
                .. Read(api, world.EventStream),
                .. hasJournal
                    ? [.. Read(api, world.JournalStream), $"{api}.STREAM.PURGE.{world.JournalStream}"]
                    : NoMore,
            ],
            Subscribe: [$"{world.SubjectPrefix}>", $"{world.InboxPrefix}.>"]);
    }

    private static string[] Read(string api, string stream) =>
    [
        $"{api}.STREAM.INFO.{stream}",
        $"{api}.STREAM.MSG.GET.{stream}",
        $"{api}.DIRECT.GET.{stream}",
        $"{api}.DIRECT.GET.{stream}.>",
        $"{api}.CONSUMER.CREATE.{stream}",
        $"{api}.CONSUMER.CREATE.{stream}.>",
        $"{api}.CONSUMER.DURABLE.CREATE.{stream}.>",
        $"{api}.CONSUMER.INFO.{stream}.*",
        $"{api}.CONSUMER.DELETE.{stream}.*",
        $"{api}.CONSUMER.MSG.NEXT.{stream}.*",
        $"$JS.ACK.{stream}.>",
    ];
}
