using System.Text.Json.Nodes;
using Aether.DevCluster.Api;
using Aether.DevCluster.Clusters;
using Aether.TestServers;
using Aether.TestServers.Processes;

namespace Aether.DevCluster.Commands;

/// <summary>
/// kubectl on a development cluster. Without kubectl on this machine, the API is used instead, with a note on the
/// screen.
/// </summary>
internal sealed class Kubectl(DevelopmentCluster cluster, Screen screen)
{
    private readonly string? _program = Find();
    private int _runs;

    /// <summary>Applies manifests from a file, whose name then appears in the command.</summary>
    public async Task ApplyAsync(string file, IReadOnlyList<JsonObject> manifests, CancellationToken cancellationToken)
    {
        if (_program is null)
        {
            screen.Detail($"(no kubectl on this machine; applied over the API: {Path.GetFileName(file)})");
            await cluster.Manifests.ApplyAsync(manifests, cancellationToken);
            return;
        }

        await RunAsync(["apply", "-f", file], cancellationToken);
    }

    /// <summary>Shows the worlds.</summary>
    public async Task GetWorldsAsync(CancellationToken cancellationToken)
    {
        if (_program is not null)
        {
            await RunAsync(["get", "wp"], cancellationToken);
            return;
        }

        screen.Detail("(no kubectl on this machine; the same table from the API)");
        foreach (var line in await WorldTable.ReadAsync(cluster.Client, "default", cancellationToken))
            screen.Detail(line);
    }

    private async Task RunAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        screen.Detail($"$ kubectl {string.Join(' ', arguments)}");
        var lines = await ProcessHost.RunAsync(
            new ProcessSpec
            {
                Name = $"kubectl-{++_runs}",
                FileName = _program!,
                Arguments = arguments,
                WorkingDirectory = Clone.Root,
                LogDirectory = cluster.Folder,
                Environment = new Dictionary<string, string> { ["KUBECONFIG"] = cluster.ApiServer.AdminKubeconfig },
            },
            cancellationToken);
        foreach (var line in lines)
            screen.Detail(line);
    }

    private static string? Find()
    {
        try
        {
            return Binary.Find("kubectl", "kubernetes-client");
        }
        catch (MissingBinaryException)
        {
            return null;
        }
    }
}
