using Aether.Operator.Kinds;
using Aether.Persistence.Contracts;
using NATS.Client.JetStream.Models;

namespace Aether.Operator.Provisioning.Nats;

/// <summary>The desired streams of a world.</summary>
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
            StorageAdvice = $"spec.events.storage is {storage}, which JetStream cannot change: reset "
                + "spec.events.storage, or remove the stream together with its events",
            Loss = null,
        };
    }

    // No limit may ever drop a block: only the agent knows which blocks are no longer needed. If a size is set, a block
    // that does not fit is refused and waits.
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
            StorageAdvice = "a journal must be on File, which JetStream cannot change: move its messages into a "
                + "stream of the same name on File",
            Loss = request is { ExpectsJournal: true, LossAccepted: false } ? JournalLoss(request) : null,
        };

    private static string JournalLoss(ProvisioningRequest request)
    {
        var stream = request.Names.JournalStream;
        return request.JournalWasProvisioned
            ? $"JetStream stream {stream}, which held this world's journal, is missing. Restore it from a backup, or "
                + "point the backend to its server. The operator does not replace it with an empty stream, which would "
                + "not continue the world's snapshots. To start with an empty world instead, rename or drop schema "
                + $"{request.Names.Schema} in PostgreSQL and annotate this world with "
                + $"{OperatorNames.AcceptLossAnnotation}={request.Owner.Uid}."
            : Ownership.NothingToAdopt(
                $"NATS at {request.Backend.RequiredNats.Address} has no JetStream stream {stream}", request.Owner);
    }
}
