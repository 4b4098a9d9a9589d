using Aether.DevCluster.Clusters;
using Aether.Persistence.Contracts;
using Aether.TestServers.Processes;

namespace Aether.DevCluster.Commands;

/// <summary>Makes the sample world compare its running state with the acknowledged trades.</summary>
internal static class SampleVerification
{
    /// <returns>Zero if no trade was lost or doubled, and the output.</returns>
    public static async Task<(int ExitCode, IReadOnlyList<string> Lines)> RunAsync(
        DevelopmentCluster cluster, string socket, string ledger, CancellationToken cancellationToken)
    {
        var image = ProgramImages.SampleWorld();
        await using var process = await ProcessHost.StartAsync(new ProcessSpec
        {
            Name = $"verify-{Path.GetFileNameWithoutExtension(ledger)}",
            FileName = image.Entrypoint[0],
            Arguments = [.. image.Entrypoint.Skip(1), "verify", "--ledger", ledger],
            WorkingDirectory = cluster.Folder,
            LogDirectory = cluster.Folder,
            Environment = new Dictionary<string, string> { [AetherVariables.Socket] = socket },
        });
        var exitCode = await process.Exited.WaitAsync(cancellationToken);
        await process.OutputEnded.WaitAsync(cancellationToken);
        return (exitCode, process.NewestLines());
    }
}
