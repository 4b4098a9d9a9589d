using Aether.Operator.Kinds;
using Aether.Persistence.Contracts;
using NATS.Client.JetStream.Models;

namespace Aether.Operator.Provisioning.Nats;

/// <summary>The streams a world is to have.</summary>
internal static class WorldStreams
{
    private static readonly TimeSpan LongestDuplicateWindow = TimeSpan.FromMinutes(2);

    public static IReadOnlyList<WorldStream> Of(ProvisioningRequest request) =>
        request.Profile.Journal == JournalKind.JetStream ? [Events(request), Journal(request)] : [Events(request)];

    private static WorldStream Events(ProvisioningRequest request)
    {
        var (names, profile) = (request.Names, request.Profile);
        var storage = profile.EventStorage == EventStorage.File
            ? StreamConfigStorage.File
            : StreamConfigStorage.Memory;
        return new WorldStream(request.Owner, new StreamConfig
        {
            Name = names.EventStream,
            Subjects = [$"{names.SubjectPrefix}events.>", $"{names.SubjectPrefix}epoch"],
            Discard = StreamConfigDiscard.Old,
            Storage = storage,
            MaxAge = profile.EventMaxAge,
            MaxBytes = profile.EventMaxBytes,
            NumReplicas = profile.EventReplicas ?? 1,
            DuplicateWindow =
                profile.EventMaxAge < LongestDuplicateWindow ? profile.EventMaxAge : LongestDuplicateWindow,
        })
        {
            FollowsCluster = profile.EventReplicas is null,
            ReservesWhatItHolds = true,
            SizeField = "the world's spec.events.maxBytes",
            StorageAdvice = $"spec.events.storage asks for {storage}, which JetStream cannot change: set "
                + "spec.events.storage back, or remove the stream with the events in it",
            Loss = null,
        };
    }

    // Nothing is ever dropped by a limit: only the agent knows which blocks are needed no more. With a size, what does
    // not fit is refused and waits.
    private static WorldStream Journal(ProvisioningRequest request) =>
        new(request.Owner, new StreamConfig
        {
            Name = request.Names.JournalStream,
            Subjects = [$"{request.Names.SubjectPrefix}journal"],
            Discard = StreamConfigDiscard.New,
            Storage = StreamConfigStorage.File,
            MaxAge = TimeSpan.Zero,
            MaxBytes = request.Backend.RequiredNats.JournalMaxBytes ?? -1,
            NumReplicas = request.Profile.EventReplicas ?? 1,
            DuplicateWindow = LongestDuplicateWindow,
        })
        {
            FollowsCluster = request.Profile.EventReplicas is null,
            ReservesWhatItHolds = false,
            SizeField = "the backend's spec.nats.journalMaxBytes",
            StorageAdvice = "a journal must lie on File, which JetStream cannot change: move its messages into a "
                + "stream on File of the same name",
            Loss = request is { ExpectsJournal: true, LossAccepted: false } ? JournalLoss(request) : null,
        };

    private static string JournalLoss(ProvisioningRequest request)
    {
        var stream = request.Names.JournalStream;
        return request.JournalWasProvisioned
            ? $"JetStream stream {stream}, which held this world's journal, is gone. Restore it from a backup, or "
                + "point the backend to where it is. It is not replaced by an empty one beside the snapshots that it "
                + $"followed on. To begin with an empty world instead, rename or drop schema {request.Names.Schema} in "
                + "PostgreSQL and annotate this world with "
                + $"{OperatorNames.AcceptLossAnnotation}={request.Owner.Uid}."
            : Ownership.NothingToAdopt(
                $"NATS at {request.Backend.RequiredNats.Address} has no JetStream stream {stream}", request.Owner);
    }
}
