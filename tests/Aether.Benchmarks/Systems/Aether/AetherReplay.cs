using Aether.Benchmarks.Harness;
using Aether.Benchmarks.Servers;
using Aether.Persistence.Contracts;
using Aether.Persistence.Storage;

namespace Aether.Benchmarks.Systems.Aether;

/// <summary>
/// Recovery of our engine after a crash, from the start of the runtime until it serves: state, idempotency keys and
/// digest.
/// </summary>
internal sealed class AetherReplay(Func<Task<AetherEngine>> open, IAsyncDisposable? ground) : IReplay
{
    private AetherEngine? _engine;

    /// <summary>From the volume alone.</summary>
    public static async Task<IReplay> FromVolumeAsync(Trial trial, int writes)
    {
        await using (var engine = await OpenAsync())
            await engine.FillAsync(writes, Durability.Fsync);
        return new AetherReplay(OpenAsync, null);

        Task<AetherEngine> OpenAsync() =>
            AetherEngine.OpenLocalAsync(trial.Workload, Durability.Fsync, new LocalFileSystem(trial.Folder));
    }

    /// <summary>From the journal in PostgreSQL, on a new volume.</summary>
    public static async Task<IReplay> FromPostgresAsync(Trial trial, int writes, PostgresDatabase database)
    {
        var schema = await database.NewSchemaAsync();
        await AetherOnPostgres.PrepareAsync(schema);
        await using (var engine = await OpenAsync("lost"))
            await engine.FillAsync(writes, Durability.Replicated);
        await AetherOnPostgres.ExpireLeaseAsync(schema);
        return new AetherReplay(() => OpenAsync("new"), schema);

        Task<AetherEngine> OpenAsync(string volume) => AetherOnPostgres.OpenAsync(
            trial.Workload, Durability.Fsync, schema, new LocalFileSystem(Path.Combine(trial.Folder, volume)));
    }

    public async Task<long> RunAsync()
    {
        _engine = await open();
        return (long)_engine.Status.Sequence.Value;
    }

    public async ValueTask DisposeAsync()
    {
        if (_engine is not null)
            await _engine.DisposeAsync();
        if (ground is not null)
            await ground.DisposeAsync();
    }
}
