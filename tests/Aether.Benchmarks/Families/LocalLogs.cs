using Aether.Benchmarks.Harness;
using Aether.Benchmarks.Systems;
using Aether.Benchmarks.Systems.Aether;
using Aether.Persistence.Contracts;
using Aether.Persistence.Storage;

namespace Aether.Benchmarks.Families;

/// <summary>The systems that need only a folder.</summary>
internal static class LocalLogs
{
    public static LoadContestant RocksDb { get; } =
        new("rocksdb", trial => Task.FromResult<ISession>(new RocksDbLog(trial.Workload, trial.Folder)))
        {
            Blocks = true,
        };

    public static LoadContestant FasterLog { get; } =
        new("fasterlog", trial => Task.FromResult<ISession>(new FasterLogSystem(trial.Workload, trial.Folder)));

    public static LoadContestant Sqlite { get; } =
        new("sqlite", trial => Task.FromResult<ISession>(new SqliteLog(trial.Workload, trial.Folder)))
        {
            Blocks = true,
        };

    public static LoadContestant Aether(
        string system,
        Durability durability,
        Func<IFileSystem, IFileSystem>? volume = null,
        int? writers = null,
        int timedWrites = 1,
        bool inline = true) =>
        new(
            system,
            async trial => await AetherEngine.OpenLocalAsync(trial.Workload, durability, Volume(trial, volume), inline))
        {
            Writers = writers,
            TimedWrites = timedWrites,
        };

    public static LoadContestant Raw(string system, Func<IFileSystem, IFileSystem>? volume = null) =>
        new(system, trial => Task.FromResult<ISession>(new RawLog(trial.Workload, Volume(trial, volume))))
        {
            Blocks = true,
            Writers = 1,
        };

    private static IFileSystem Volume(Trial trial, Func<IFileSystem, IFileSystem>? volume)
    {
        var local = new LocalFileSystem(trial.Folder);
        return volume is null ? local : volume(local);
    }
}
