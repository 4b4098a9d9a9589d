using Aether.Operator.Kinds;
using Aether.Operator.LiveStatus;
using Aether.Persistence.Contracts;
using k8s.Models;

namespace Aether.Operator.Tests.LiveStatus;

/// <summary>Reports of agents of the world games/economy, and that world.</summary>
internal static class Reports
{
    public const string Backend = "default";
    public const string Uid = "8d1f";
    public const string Revision = "due";

    public static ReportSource Source { get; } = new(Backend, ReportChannel.Nats);

    public static WorldNames Names { get; } = WorldNames.For("games", "economy");

    public static DateTimeOffset Noon { get; } = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);

    public static AgentReport Of(string pod, ulong epoch, RuntimePhase phase = RuntimePhase.Running) => new()
    {
        Version = AgentReport.CurrentVersion,
        WorldUid = Uid,
        Pod = pod,
        AgentVersion = "1.0.0",
        Revision = Revision,
        Phase = phase,
        Detail = "",
        Epoch = epoch,
        DurableSequence = 10,
        ReplicatedSequence = 9,
        RpoCommits = 1,
        RpoBytes = 100,
        RpoSeconds = 0.2,
        SnapshotSequence = 5,
        SnapshotTime = Noon.AddMinutes(-2),
        SentAt = Noon,
    };

    public static ReceivedReport ReceivedAgo(this AgentReport report, double secondsBeforeNoon = 0) =>
        new(report, Noon.AddSeconds(-secondsBeforeNoon));

    public static void Take(this LatestReports latest, AgentReport report, DateTimeOffset receivedAt) => latest.Take(
        Source, WorldNames.ReportSubject(Names.SubjectPrefix, report.Pod), report.Write(), receivedAt);

    public static WorldPersistence World(string uid = Uid) => new()
    {
        Metadata = new V1ObjectMeta { NamespaceProperty = "games", Name = "economy", Uid = uid, Generation = 1 },
        Spec = new WorldPersistenceSpec { BackendRef = new BackendReference { Name = Backend } },
        Status = new WorldPersistenceStatus { Stores = new WorldStoresStatus() },
    };
}
