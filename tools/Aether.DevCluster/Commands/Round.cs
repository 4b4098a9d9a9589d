using System.Globalization;
using System.Text.Json.Nodes;
using Aether.DevCluster.Api;
using Aether.Persistence.Contracts;
using Aether.DevCluster.Clusters;
using Aether.TestServers;

namespace Aether.DevCluster.Commands;

/// <summary>
/// One world of <c>config/samples</c>: applied, put under load, killed together with its agent by SIGKILL, recovered in
/// a new pod, and compared with the acknowledged trades.
/// </summary>
internal sealed class Round(DevelopmentCluster cluster, Screen screen, Kubectl kubectl, string world)
{
    private const string Space = "default";
    private const string Container = "world";
    private const int StopGrace = 30;
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan ReportInterval = TimeSpan.FromSeconds(2);

    private readonly TradeLedger _ledger = new(Path.Combine(cluster.Folder, $"{world}.ledger"));
    private readonly TimeProvider _clock = TimeProvider.System;

    /// <summary>Applies the world and its pod, and waits until it trades.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var file = Clone.PathOf("config", "samples", $"{world}.yaml");
        var manifests = ManifestFile.Read(await File.ReadAllTextAsync(file, cancellationToken));
        var noted = manifests.Select(WithLedger).ToList();
        var copy = Path.Combine(cluster.Folder, $"{world}.yaml");
        await File.WriteAllTextAsync(
            copy, string.Concat(noted.Select(manifest => $"---\n{manifest}\n")), cancellationToken);
        screen.Step($"Applying config/samples/{world}.yaml (its pod also records each acknowledged trade)");
        await kubectl.ApplyAsync(copy, noted, cancellationToken);

        await cluster.Worlds.UntilAsync(
            items => items.FirstOrDefault(item =>
                item.Metadata.Name == world && item.Condition("Ready") is { IsTrue: true }),
            $"world {world} to be Ready", StartTimeout, cancellationToken);
        await RunningAsync(cancellationToken);
        screen.Step($"World {world} is Ready, its pod runs with the agent in it");
        await kubectl.GetWorldsAsync(cancellationToken);
        ShowPod();
    }

    /// <summary>Lets the world trade until that many trades are acknowledged.</summary>
    public async Task TradeAsync(int trades, CancellationToken cancellationToken)
    {
        screen.Step($"Trading until {trades} trades are acknowledged");
        using var timer = new PeriodicTimer(Look, _clock);
        var reported = _clock.GetTimestamp();
        var before = _ledger.Count();
        int count;
        while ((count = _ledger.Count()) < trades)
        {
            if (_clock.GetElapsedTime(reported) is var elapsed && elapsed >= ReportInterval)
            {
                screen.Detail(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{count} trades acknowledged, {(count - before) / elapsed.TotalSeconds:0} per second"));
                (reported, before) = (_clock.GetTimestamp(), count);
                ThrowIfStuck();
            }

            await timer.WaitForNextTickAsync(cancellationToken);
        }
    }

    /// <summary>Kills world and agent, creates a new pod, and compares.</summary>
    public async Task<RoundResult> KillAndRecoverAsync(CancellationToken cancellationToken)
    {
        var since = _clock.GetTimestamp();
        await cluster.Node.LosePodAsync(Space, world);
        var acknowledged = _ledger.Count();
        screen.Step($"SIGKILL to world and agent, after {acknowledged} acknowledged trades, in the middle of more");

        await RemovePodAsync(grace: 0, cancellationToken);
        await cluster.Manifests.ApplyAsync(await PodAsync(cancellationToken), cancellationToken);
        await RunningAsync(cancellationToken);
        var line = await cluster.Node.WaitForLineAsync(
            Space, world, Container, text => text.StartsWith("recovered ", StringComparison.Ordinal), StartTimeout,
            cancellationToken);
        var recovery = _clock.GetElapsedTime(since);
        screen.Step($"A new pod took over {recovery.TotalMilliseconds:0} ms after the kill; its world says:");
        screen.Detail(line);
        var facts = Facts.Of(line);
        return new RoundResult(
            acknowledged,
            facts.Number("trades"),
            facts.Number("lost"),
            facts.Number("doubled"),
            facts["sum"] == "ok",
            recovery);
    }

    /// <summary>Compares the running world's state with the ledger once more, from outside the pod.</summary>
    /// <returns>Whether they agree.</returns>
    public async Task<bool> VerifyAsync(CancellationToken cancellationToken)
    {
        screen.Step($"Comparing the state of {world} with the ledger: sample-world verify");
        var (exitCode, lines) = await SampleVerification.RunAsync(
            cluster, SocketPath(AetherNames.SocketFile), _ledger.Path, cancellationToken);
        foreach (var line in lines)
            screen.Detail(line);
        return exitCode == 0;
    }

    /// <summary>
    /// Stops world and agent in order: first the world, then the agent, after it has shipped all commits.
    /// </summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        screen.Step($"Stopping pod {world} in order");
        await RemovePodAsync(StopGrace, cancellationToken);
    }

    /// <summary>Starts a pod that trades slowly, for people who explore the cluster.</summary>
    public async Task RunSlowlyAsync(CancellationToken cancellationToken)
    {
        var pod = await PodAsync(cancellationToken);
        pod["spec"]!["containers"]![0]!["env"]!.AsArray().Add(
            (JsonNode)new JsonObject { ["name"] = "SAMPLE_LANES", ["value"] = "1" });
        await cluster.Manifests.ApplyAsync(pod, cancellationToken);
        await RunningAsync(cancellationToken);
    }

    /// <summary>Path of one of the agent's sockets on this machine.</summary>
    public string SocketPath(string file) => cluster.Node.HostPath(
        Space, world, AetherNames.AgentContainer, $"{AetherNames.SocketDirectory}/{file}");

    private async Task RemovePodAsync(int grace, CancellationToken cancellationToken)
    {
        var path = $"/api/v1/namespaces/{Space}/pods/{world}";
        await cluster.Client.DeleteAsync(path, new JsonObject { ["gracePeriodSeconds"] = grace }, cancellationToken);
        await cluster.Node.Pods.UntilAsync(
            _ => cluster.Node.Pods.TryGet(Space, world, out var _) ? null : "gone",
            $"pod {world} to be gone", StartTimeout, cancellationToken);
    }

    private async Task RunningAsync(CancellationToken cancellationToken) => await cluster.Node.Pods.UntilAsync(
        pods => pods.FirstOrDefault(pod => pod.Metadata.Name == world
            && pod.Status?.ContainerStatuses?.All(container => container.State.Running is not null) == true),
        $"pod {world} to run", StartTimeout, cancellationToken);

    private async Task<JsonObject> PodAsync(CancellationToken cancellationToken)
    {
        var file = Path.Combine(cluster.Folder, $"{world}.yaml");
        return ManifestFile.Read(await File.ReadAllTextAsync(file, cancellationToken))
            .Single(manifest => (string?)manifest["kind"] == "Pod");
    }

    private JsonObject WithLedger(JsonObject manifest)
    {
        if ((string?)manifest["kind"] != "Pod")
            return manifest;
        var noted = manifest.DeepClone().AsObject();
        noted["spec"]!["containers"]![0]!["env"]!.AsArray().Add(
            (JsonNode)new JsonObject { ["name"] = "SAMPLE_LEDGER", ["value"] = _ledger.Path });
        return noted;
    }

    private void ShowPod()
    {
        if (!cluster.Node.Pods.TryGet(Space, world, out var pod))
            return;
        foreach (var container in (pod.Spec.InitContainers ?? []).Concat(pod.Spec.Containers))
            screen.Detail($"container {container.Name,-14} {container.Image}");
    }

    private void ThrowIfStuck()
    {
        if (!cluster.Node.Pods.TryGet(Space, world, out var pod))
            return;
        var crashed = (pod.Status?.ContainerStatuses ?? []).Concat(pod.Status?.InitContainerStatuses ?? [])
            .FirstOrDefault(container => container.RestartCount > 2);
        if (crashed is not null)
        {
            throw new InvalidOperationException(
                $"Container {crashed.Name} of pod {world} has been restarted {crashed.RestartCount} times.");
        }
    }
}
