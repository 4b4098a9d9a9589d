using Aether.ControllerRuntime;
using Aether.Operator.Kinds;

namespace Aether.Operator.Tests.Reconciling;

/// <summary>Puts a world's status into the state that a failed status write leaves.</summary>
internal static class StatusEdits
{
    public static async Task EditStatusAsync(
        this Cluster cluster, WorldPersistence world, Action<WorldPersistenceStatus> edit)
    {
        var stop = TestContext.Current.CancellationToken;
        while (true)
        {
            var current = await cluster.Objects.TryGetAsync<WorldPersistence>(ObjectKey.Of(world), stop);
            edit(current!.Status);
            try
            {
                await cluster.Objects.ReplaceStatusAsync(current, stop);
                return;
            }
            catch (ApiException changed) when (changed.IsConflict)
            {
                // The operator wrote in between: retry on its version.
            }
        }
    }
}
