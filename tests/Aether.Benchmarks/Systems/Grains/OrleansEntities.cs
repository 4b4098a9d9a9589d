using System.Runtime.CompilerServices;
using Aether.Benchmarks.Harness;
using Aether.Benchmarks.Servers;
using Aether.TestServers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Aether.Benchmarks.Systems.Grains;

/// <summary>Grains of Orleans in a silo in this process, with its storage in PostgreSQL (AdoNet) or Redis.</summary>
internal sealed class OrleansEntities : ISession
{
    public const string Storage = "entities";

    // So few that the warm-up activates every grain: an activation reads the state, which the other systems do not do.
    private const int Entities = 1000;

    private readonly Workload _workload;
    private readonly IHost _silo;
    private readonly IGrainFactory _grains;
    private readonly IAsyncDisposable? _schema;

    private OrleansEntities(Workload workload, IHost silo, IAsyncDisposable? schema)
    {
        _workload = workload;
        _silo = silo;
        _grains = silo.Services.GetRequiredService<IGrainFactory>();
        _schema = schema;
    }

    /// <summary>Opens it on Redis with appendfsync always.</summary>
    public static async Task<ISession> OpenAsync(Workload workload, SyncedRedis redis)
    {
        await redis.EmptyAsync();
        var silo = await StartAsync(builder => builder.AddRedisGrainStorage(Storage, options =>
            options.ConfigurationOptions = new ConfigurationOptions
            {
                EndPoints = { redis.Server.Endpoint },
                Password = redis.Server.AdminPassword,
            }));
        return new OrleansEntities(workload, silo, schema: null);
    }

    /// <summary>Opens it on PostgreSQL.</summary>
    public static async Task<ISession> OpenAsync(Workload workload, PostgresDatabase database)
    {
        var schema = await OrleansTables.CreateAsync(database);
        var silo = await StartAsync(builder => builder.AddAdoNetGrainStorage(Storage, options =>
        {
            options.Invariant = "Npgsql";
            options.ConnectionString = schema.ConnectionString;
        }));
        return new OrleansEntities(workload, silo, schema);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask WriteAsync(long n) =>
        await _grains.GetGrain<IEntityGrain>(Workload.Key(n % Entities).Id).WriteAsync(_workload.Value(n));

    public async ValueTask DisposeAsync()
    {
        await _silo.StopAsync();
        _silo.Dispose();
        if (_schema is not null)
            await _schema.DisposeAsync();
    }

    private static async Task<IHost> StartAsync(Action<ISiloBuilder> store)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.SetMinimumLevel(LogLevel.None);
        builder.UseOrleans(silo =>
        {
            silo.UseLocalhostClustering(FreePort.Next(), FreePort.Next());
            store(silo);
        });
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }
}
