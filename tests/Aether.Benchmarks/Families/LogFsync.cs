using Aether.Benchmarks.Harness;
using Aether.Benchmarks.Systems;
using Aether.Persistence.Contracts;
using Aether.Persistence.Storage;

namespace Aether.Benchmarks.Families;

/// <summary>Commits that are synced to the volume before they are acknowledged.</summary>
internal static class LogFsync
{
    private static readonly TimeSpan SlowSync = TimeSpan.FromMilliseconds(1);

    public static IEnumerable<Benchmark> All() =>
    [
        new()
        {
            Name = "log.fsync.1",
            What = "Fsync, 1 writer waiting for each commit",
            Writers = 1,
            Contestants =
            [
                LocalLogs.Aether("aether", Durability.Fsync), LocalLogs.Raw("raw"), LocalLogs.RocksDb,
                LocalLogs.FasterLog, LocalLogs.Sqlite, OnPool,
            ],
            Targets =
            [
                Target.Speed("aether", 0.85, "raw"),
                Target.Latency("aether", "p50", result => result.P50, 1.3, "raw"),
            ],
        },
        new()
        {
            Name = "log.fsync.64",
            What = "Fsync, 64 writers waiting for their commits",
            Writers = 64,
            Contestants =
            [
                LocalLogs.Aether("aether", Durability.Fsync), LocalLogs.RocksDb, LocalLogs.FasterLog, LocalLogs.Sqlite,
                OnPool,
            ],
            Targets =
            [
                Target.Speed("aether", 8, "rocksdb"),
                Target.Latency("aether", "p99", result => result.P99, 1, "rocksdb"),
            ],
        },
        new()
        {
            Name = "log.fsync.64.slowdisk",
            What = "as log.fsync.64, every sync 1 ms slower",
            Writers = 64,
            Contestants =
            [
                LocalLogs.Aether("aether", Durability.Fsync, Slow),
                LocalLogs.Aether("aether-1", Durability.Fsync, Slow, writers: 1),
                LocalLogs.Raw("raw-1", Slow),
            ],
            Targets = [Target.Speed("aether", 50, "aether-1")],
        },
    ];

    // For a program that runs the engine in its own process and does more after a commit than an agent.
    private static LoadContestant OnPool => LocalLogs.Aether("aether-pool", Durability.Fsync, inline: false);

    private static SlowFileSystem Slow(IFileSystem volume) => new(volume, SlowSync);
}
