using System.Globalization;
using System.Text;
using Aether.Persistence;
using Aether.Persistence.Commits;
using Aether.Persistence.Conformance;
using Aether.Persistence.Contracts;
using Aether.Persistence.Lease;
using Aether.Persistence.Runtime;
using Aether.Persistence.Snapshots;
using Aether.Persistence.State;
using Aether.Persistence.Storage;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Prometheus;

namespace Aether.Cli.Tests;

/// <summary>Volumes in a temporary folder, written by the real engine, and commands run on them.</summary>
internal sealed class TestVolumes : IDisposable
{
    public const string World = "economy";

    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("aether-cli-");
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 1, 31, 12, 0, 0, TimeSpan.Zero));

    public TestVolumes()
    {
        Stores = new InMemoryStores(_clock);
    }

    public InMemoryStores Stores { get; }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _root.Delete(recursive: true);

    public string PathOf(string volume) => Path.Combine(_root.FullName, volume);

    public string[] Segments(string volume) =>
        [.. Directory.GetFiles(Path.Combine(PathOf(volume), "wal"), "*.wal").Order(StringComparer.Ordinal)];

    public async Task<CliResult> RunAsync(params string[] arguments)
    {
        var (output, errors) = (new StringWriter(), new StringWriter());
        var resolved = arguments.Select(word => word.Replace("./", $"{_root.FullName}/", StringComparison.Ordinal));
        var code = await new AetherCommand(output, errors, _clock).RunAsync([.. resolved]);
        return new CliResult(code, Relative(output), Relative(errors));
    }

    /// <summary>
    /// A local world of two epochs: commits 1 to 10 and 11 to 14, a snapshot of commit 6, in several segments.
    /// </summary>
    public async Task<StateDigest> WriteLocalAsync(string volume = "volume", int snapshotAt = 6)
    {
        await using (var first = await OpenLocalAsync(volume))
            for (var i = 1; i <= 10; i++)
            {
                await CommitAsync(first, i, Durability.Fsync);
                if (i == snapshotAt)
                    await first.SnapshotAsync(Cancellation);
            }
        await using var second = await OpenLocalAsync(volume);
        for (var i = 11; i <= 13; i++)
            await CommitAsync(second, i, Durability.Fsync);
        _clock.Advance(TimeSpan.FromSeconds(1));
        await second.CommitAsync(
            new Commit(
                [
                    Mutation.Put(new StateKey("player", "42"), Encoding.UTF8.GetBytes("gold=7")),
                    Mutation.Delete(new StateKey("item", "1")),
                ],
                Durability.Fsync,
                "trade-7"),
            Cancellation);
        return second.Status.Digest;
    }

    /// <summary>A local world of many small commits.</summary>
    public async Task WriteLongAsync(string volume, int commits)
    {
        await using var runtime = await OpenLocalAsync(volume);
        for (var i = 1; i < commits; i++)
            await CommitAsync(runtime, i, Durability.Batched);
        await CommitAsync(runtime, commits, Durability.Fsync);
    }

    /// <summary>A world with a journal that lacks the last commits of the volume.</summary>
    public async Task<StateDigest> WriteShippedAsync(string volume, int shipped, int all)
    {
        await using var runtime = await OpenShippedAsync(volume, "world-0");
        for (var i = 1; i <= shipped; i++)
            await CommitAsync(runtime, i, Durability.Replicated);
        Stores.DatabaseAnswers = false;
        for (var i = shipped + 1; i <= all; i++)
            await CommitAsync(runtime, i, Durability.Fsync);
        var digest = runtime.Status.Digest;
        await runtime.DisposeAsync();
        Stores.DatabaseAnswers = true;
        Stores.ExpireLease();
        return digest;
    }

    /// <summary>
    /// A volume whose world another volume continued after commit 10, and that was opened again afterwards.
    /// </summary>
    public async Task WriteRejoinedAsync(string volume = "rejoined")
    {
        await WriteShippedAsync(volume, shipped: 10, all: 13);
        await using (var other = await OpenShippedAsync("other", "world-1"))
            for (var i = 11; i <= 20; i++)
                await CommitAsync(other, i, Durability.Replicated);
        Stores.ExpireLease();
        await using var rejoined = await OpenShippedAsync(volume, "world-0");
    }

    public async Task<PersistenceRuntime> OpenLocalAsync(string volume = "volume", string world = World)
    {
        var files = new LocalFileSystem(PathOf(volume));
        var lease = new FileLease(files, _clock);
        var runtime = Runtime(files, lease, null, new FileSnapshotStore(files), world, "local");
        try
        {
            await runtime.StartAsync(Cancellation);
        }
        finally
        {
            // The lock would outlive a runtime that ends like a crash; the volume's own lock still guards it.
            lease.Dispose();
        }
        return runtime;
    }

    public async Task<PersistenceRuntime> OpenShippedAsync(string volume, string holder)
    {
        var runtime = Runtime(new LocalFileSystem(PathOf(volume)), Stores, Stores, Stores, World, holder);
        await runtime.StartAsync(Cancellation);
        return runtime;
    }

    /// <summary>Every file and its content, without locks and spares.</summary>
    public Dictionary<string, string> Contents(string volume) => Directory
        .EnumerateFiles(PathOf(volume), "*", SearchOption.AllDirectories)
        .Where(path => !path.EndsWith(".lock", StringComparison.Ordinal)
            && !path.Contains(".spare", StringComparison.Ordinal))
        .ToDictionary(
            path => Path.GetRelativePath(PathOf(volume), path), path => Convert.ToHexString(File.ReadAllBytes(path)));

    public void Copy(string from, string to)
    {
        foreach (var path in Directory.EnumerateFiles(PathOf(from), "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(PathOf(to), Path.GetRelativePath(PathOf(from), path));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(path, target);
        }
    }

    public static void Flip(string file, long offset)
    {
        using var stream = File.Open(file, FileMode.Open);
        stream.Position = offset;
        var value = stream.ReadByte();
        stream.Position = offset;
        stream.WriteByte((byte)(value ^ 0x10));
    }

    private async Task CommitAsync(PersistenceRuntime runtime, int id, Durability durability)
    {
        _clock.Advance(TimeSpan.FromSeconds(1));
        var value = new byte[600];
        Array.Fill(value, (byte)id);
        await runtime.CommitAsync(
            new Commit(
                [Mutation.Put(new StateKey("item", id.ToString(CultureInfo.InvariantCulture)), value)], durability),
            Cancellation);
    }

    private PersistenceRuntime Runtime(
        IFileSystem files, IWorldLease lease, InMemoryStores? journal, ISnapshotStore snapshots, string world,
        string holder) =>
        new(
            new PersistenceOptions
            {
                WorldId = world,
                Holder = holder,
                SegmentBytes = 4096,
                SnapshotInterval = TimeSpan.FromDays(1),
            },
            new PersistencePorts { Volume = files, Lease = lease, Journal = journal, Snapshots = snapshots },
            _clock,
            NullLoggerFactory.Instance,
            new EngineMetrics(Metrics.WithCustomRegistry(Metrics.NewCustomRegistry())));

    private string Relative(StringWriter text) =>
        text.ToString().Replace($"{_root.FullName}/", "./", StringComparison.Ordinal);
}
