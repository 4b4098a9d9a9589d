using Aether.Operator.Provisioning;
using Aether.Operator.Tests.Provisioning;

namespace Aether.Operator.Tests.Surveying;

/// <summary>Surveys of single worlds.</summary>
internal static class Surveys
{
    /// <summary>The fingerprint of a world; null if the store does not know the world.</summary>
    public static async Task<string?> SurveyAsync(this IStoreProvisioner provisioner, Requests world)
    {
        var request = world.Request();
        var facts = await provisioner.SurveyAsync(
            request.Backend,
            [new SurveyedWorld(world.Names, request.Profile)],
            TestContext.Current.CancellationToken);
        return facts.GetValueOrDefault(world.Names.Id);
    }
}
