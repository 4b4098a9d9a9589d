using System.Globalization;
using System.Text.RegularExpressions;
using Aether.Chart.Tests.Tools;
using Aether.TestServers;
using k8s;

namespace Aether.Chart.Tests.QuickStart;

/// <summary>Runs docs/quickstart.md as a new user would: each block of commands literally, in order, by bash.</summary>
/// <remarks>
/// Simulated here: names do not resolve to pods, so the chart's values contain the pods' addresses; there is no kubelet
/// for logs, so <c>kubectl logs</c> shows the node's file.
/// </remarks>
public sealed partial class QuickStartTests(QuickStartCluster cluster) : IClassFixture<QuickStartCluster>
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Commands_of_the_quickstart_do_what_the_page_says()
    {
        var blocks = await BlocksAsync();
        Assert.Equal(7, blocks.Count);
        var bash = await ClonePlayedAsync();

        await bash.OutputAsync("-euo", "pipefail", "-c", blocks[0]);
        await WriteValuesAsync("values.yaml", "webhook: {service: {port: 8443} }\n");

        await bash.OutputAsync("-euo", "pipefail", "-c", blocks[1]);
        await cluster.ReachedAsync("aether-stores");

        await bash.OutputAsync("-euo", "pipefail", "-c", blocks[2]);
        Assert.Equal(0, await LoggedNumberAsync("starting at ", 0));
        var counted = await LoggedNumberAsync("counted ", 3);

        await bash.OutputAsync("-euo", "pipefail", "-c", blocks[3]);
        counted = await LoggedNumberAsync("starting at ", counted);

        await bash.OutputAsync("-euo", "pipefail", "-c", blocks[4]);
        await WriteValuesAsync("more-values.yaml", more: "");
        await cluster.ReachedAsync("aether-stores");
        await bash.OutputAsync("-euo", "pipefail", "-c", blocks[5]);
        await LoggedNumberAsync("counted ", counted + 1);

        await bash.OutputAsync("-euo", "pipefail", "-c", blocks[6]);
        await cluster.Node.Pods.UntilAsync(
            _ => cluster.Operators().Count == 0 ? "gone" : null, "the operator to be gone", Waiting.Step, Stop);
    }

    private static async Task<IReadOnlyList<string>> BlocksAsync()
    {
        var page = await File.ReadAllTextAsync(Clone.PathOf("docs", "quickstart.md"), Stop);
        return [.. Block().Matches(page).Select(match => match.Groups["text"].Value)];
    }

    /// <summary>bash in a folder like the clone, except for the values that name the stores.</summary>
    private async Task<Tool> ClonePlayedAsync()
    {
        var samples = cluster.Folder.Subfolder("clone/config/samples/quickstart");
        File.CreateSymbolicLink(cluster.Folder.File("clone/charts"), Clone.PathOf("charts"));
        foreach (var name in (string[])["stores.yaml", "world.yaml", "more-stores.yaml"])
        {
            File.CreateSymbolicLink(
                Path.Combine(samples, name), Clone.PathOf("config", "samples", "quickstart", name));
        }

        var programs = cluster.Folder.Subfolder("bin");
        File.CreateSymbolicLink(Path.Combine(programs, "helm"), await Tool.FindHelmAsync());
        var kubectl = Path.Combine(programs, "kubectl");
        await File.WriteAllTextAsync(
            kubectl,
            $"""
            #!/bin/sh
            case " $* " in *" logs counter-0 "*) exec cat '{LogOfWorld}' ;; esac
            exec '{await Tool.FindKubectlAsync()}' "$@"
            """,
            Stop);
        File.SetUnixFileMode(kubectl, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        return new Tool("/bin/bash", cluster.Folder, new Dictionary<string, string>(cluster.Variables)
        {
            ["PATH"] = $"{programs}:{Environment.GetEnvironmentVariable("PATH")}",
            ["REGISTRY"] = QuickStartCluster.Registry,
        })
        {
            WorkingDirectory = cluster.Folder.File("clone"),
        };
    }

    private string LogOfWorld => Path.Combine(cluster.Node.Logs, "games_counter-0_world.out.log");

    // The Service is an alias of the pod's address here, so it must have the pod's port.
    private async Task WriteValuesAsync(string name, string more)
    {
        var values = await File.ReadAllTextAsync(Clone.PathOf("config", "samples", "quickstart", name), Stop);
        var pods = await cluster.Client.CoreV1.ListNamespacedPodAsync("aether-stores", cancellationToken: Stop);
        foreach (var pod in pods.Items)
        {
            values = values.Replace(
                $"{pod.Metadata.Labels["app"]}.aether-stores.svc", pod.Status.PodIP, StringComparison.Ordinal);
        }

        Assert.DoesNotContain(".svc", values, StringComparison.Ordinal);
        await File.WriteAllTextAsync(
            cluster.Folder.File($"clone/config/samples/quickstart/{name}"), values + more, Stop);
    }

    // A container is ready once it runs, so its first output may come after kubectl has asked for the log.
    private async Task<int> LoggedNumberAsync(string what, int least)
    {
        var line = await cluster.Node.WaitForLineAsync(
            "games", "counter-0", "world",
            line => line.StartsWith(what, StringComparison.Ordinal)
                && int.Parse(line.AsSpan(what.Length), CultureInfo.InvariantCulture) >= least,
            Waiting.Step, Stop);
        return int.Parse(line.AsSpan(what.Length), CultureInfo.InvariantCulture);
    }

    [GeneratedRegex(@"^```sh\n(?<text>.*?)^```$",
        RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex Block();
}
