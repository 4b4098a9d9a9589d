using Aether.Operator.Provisioning;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Aether.Operator.Tests.Reconciling;

/// <summary>A cluster whose worlds have one store each, which tests can block.</summary>
public sealed class BlockableCluster(Servers servers) : Cluster(servers)
{
    internal BlockableStoreProvisioner Store { get; } = new();

    protected override void Configure(IServiceCollection services)
    {
        services.RemoveAll<IStoreProvisioner>();
        services.AddSingleton(Store);
        services.AddSingleton<IStoreProvisioner>(provider => new GuardedProvisioner(
            Store, provider.GetRequiredService<StoreCircuits>(), provider.GetRequiredService<StorePace>()));
    }
}
