using Aether.Operator.Provisioning;
using Aether.Operator.Tests.Reconciling;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Aether.Operator.Tests.Surveying;

/// <summary>A cluster whose worlds have one store each, of which tests decide what is found there.</summary>
public sealed class SurveyedCluster(Servers servers) : Cluster(servers)
{
    internal SurveyedStore Store { get; } = new();

    protected override void Configure(IServiceCollection services)
    {
        services.RemoveAll<IStoreProvisioner>();
        services.AddSingleton<IStoreProvisioner>(provider => new GuardedProvisioner(
            Store, provider.GetRequiredService<StoreCircuits>(), provider.GetRequiredService<StorePace>()));
    }
}
