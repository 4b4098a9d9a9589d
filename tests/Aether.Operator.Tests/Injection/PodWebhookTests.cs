using System.Text.Json.Nodes;
using Aether.ControllerRuntime.Admission;
using Aether.Operator.Injection;
using Aether.Operator.Kinds;
using k8s.Models;
using Prometheus;

namespace Aether.Operator.Tests.Injection;

/// <summary>Uses a dictionary as cache, since a real cache cannot be made to lag on demand.</summary>
[Trait("Kind", "Unit")]
public sealed class PodWebhookTests
{
    private readonly LaggingWorlds _worlds = new();
    private readonly CollectorRegistry _registry = Prometheus.Metrics.NewCustomRegistry();
    private readonly PodWebhook _webhook;

    public PodWebhookTests()
    {
        var metrics = new InjectionMetrics(Prometheus.Metrics.WithCustomRegistry(_registry));
        _webhook = new PodWebhook(_worlds, _worlds, Given.Options, metrics, TimeProvider.System);
    }

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_pod_of_a_cached_world_is_injected_without_asking_the_API_server()
    {
        _worlds.Cached = Given.DurableWorld(spec => spec.Wal.Volume = null);

        var result = await _webhook.MutateAsync(Request(Given.Pod()), Cancelled);

        Assert.Null(result.Denial);
        Assert.NotNull(result.Patch);
        Assert.Equal(0, _worlds.Reads);
    }

    [Theory]
    [Trait("Field", "F10")]
    [InlineData("1Gi", true)]
    [InlineData("4Gi", true)]
    [InlineData("5Gi", false)]
    public async Task Claim_that_is_too_small_for_the_log_causes_a_warning(string size, bool warned)
    {
        _worlds.Cached = Given.DurableWorld();
        _worlds.Claim = new V1PersistentVolumeClaim
        {
            Spec = new V1PersistentVolumeClaimSpec
            {
                Resources = new V1VolumeResourceRequirements
                {
                    Requests = new Dictionary<string, ResourceQuantity> { ["storage"] = new(size) },
                },
            },
        };

        var result = await _webhook.MutateAsync(Request(Given.Pod()), Cancelled);

        Assert.NotNull(result.Patch);
        Assert.Equal(
            warned,
            result.Warnings.Any(text => text.Contains("spec.wal.maxBytes", StringComparison.Ordinal)
                && text.Contains("economy-wal has", StringComparison.Ordinal)));
    }

    [Fact]
    [Trait("Field", "F10")]
    public async Task Claim_that_cannot_be_read_refuses_no_pod()
    {
        _worlds.Cached = Given.DurableWorld();
        _worlds.IsAway = true;

        var result = await _webhook.MutateAsync(Request(Given.Pod()), Cancelled);

        Assert.NotNull(result.Patch);
        Assert.Contains(result.Warnings, text => text.Contains("could not be read", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Just_created_world_is_found()
    {
        _worlds.Stored = Given.DurableWorld(spec => spec.Wal.Volume = null);

        var result = await _webhook.MutateAsync(Request(Given.Pod()), Cancelled);

        Assert.NotNull(result.Patch);
        Assert.Equal(1, _worlds.Reads);
    }

    [Fact]
    public async Task Just_resumed_world_accepts_pods()
    {
        _worlds.Cached = Given.DurableWorld(spec => spec.Paused = true);
        _worlds.Stored = Given.DurableWorld();

        var result = await _webhook.MutateAsync(Request(Given.Pod()), Cancelled);

        Assert.NotNull(result.Patch);
    }

    [Fact]
    public async Task An_unknown_world_is_refused_by_name()
    {
        var result = await _webhook.MutateAsync(Request(Given.Pod()), Cancelled);

        Assert.Contains("WorldPersistence economy in namespace games does not exist", result.Denial,
            StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Field", "F03")]
    public async Task A_pod_restored_with_its_agent_is_admitted_before_its_world_is()
    {
        var result = await _webhook.MutateAsync(Request(Given.Injected(Given.Pod())), Cancelled);

        Assert.Null(result.Denial);
        Assert.Null(result.Patch);
        Assert.Contains("starts once the operator has created Secret", Assert.Single(result.Warnings),
            StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Field", "F03")]
    public async Task A_pod_with_the_agent_of_another_world_is_refused_while_its_own_world_is_missing()
    {
        var pod = Given.Injected(Given.Pod());
        pod["metadata"]!["labels"]!["persistence.aether.dev/world"] = "another";

        var result = await _webhook.MutateAsync(Request(pod), Cancelled);

        Assert.Contains("does not exist", result.Denial, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_empty_label_is_refused()
    {
        var pod = Given.Pod();
        pod["metadata"]!["labels"]!["persistence.aether.dev/world"] = "";

        var result = await _webhook.MutateAsync(Request(pod), Cancelled);

        Assert.Contains("is empty", result.Denial, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_injected_pod_is_allowed_without_a_patch()
    {
        _worlds.Cached = Given.DurableWorld();

        var result = await _webhook.MutateAsync(Request(Given.Injected(Given.Pod())), Cancelled);

        Assert.Null(result.Patch);
        Assert.Null(result.Denial);
    }

    [Fact]
    public async Task A_pod_without_the_label_is_allowed_unchanged()
    {
        var pod = Given.Pod();
        pod["metadata"]!.AsObject().Remove("labels");

        var result = await _webhook.MutateAsync(Request(pod), Cancelled);

        Assert.Equal(AdmissionResult.Allowed, result);
    }

    [Theory]
    [InlineData(AdmissionOperation.Update, null)]
    [InlineData(AdmissionOperation.Create, "binding")]
    public async Task Webhook_handles_only_the_creation_of_pods(AdmissionOperation operation, string? subResource)
    {
        var request = Request(Given.Pod()) with { Operation = operation, SubResource = subResource };

        var result = await _webhook.MutateAsync(request, Cancelled);

        Assert.Equal(AdmissionResult.Allowed, result);
    }

    [Fact]
    public async Task Warnings_reach_the_client_and_answers_are_counted()
    {
        _worlds.Cached = Given.DurableWorld(spec => spec.Wal.Volume = new WalVolumeSpec { EmptyDir = new() });

        var result = await _webhook.MutateAsync(Request(Given.Pod()), Cancelled);
        using var text = new MemoryStream();
        await _registry.CollectAndExportAsTextAsync(text, Cancelled);

        Assert.Contains("deleted with the pod", Assert.Single(result.Warnings), StringComparison.Ordinal);
        Assert.Contains(
            "aether_injection_requests_total{result=\"injected\"} 1",
            System.Text.Encoding.UTF8.GetString(text.ToArray()),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refusals_are_counted_by_reason_and_a_lookup_that_fails_as_an_error()
    {
        await _webhook.MutateAsync(Request(Given.Pod()), Cancelled);
        _worlds.Stored = Given.DurableWorld(spec => spec.Paused = true);
        await _webhook.MutateAsync(Request(Given.Pod()), Cancelled);
        _worlds.IsAway = true;
        await Assert.ThrowsAsync<HttpRequestException>(
            () => _webhook.MutateAsync(Request(Given.Pod()), Cancelled));

        using var text = new MemoryStream();
        await _registry.CollectAndExportAsTextAsync(text, Cancelled);
        var scrape = System.Text.Encoding.UTF8.GetString(text.ToArray()).Split('\n');

        Assert.Contains("aether_injection_requests_total{result=\"refused\"} 2", scrape);
        Assert.Contains("aether_injection_requests_total{result=\"error\"} 1", scrape);
        Assert.Contains("aether_injection_refusals_total{reason=\"WorldNotFound\"} 1", scrape);
        Assert.Contains("aether_injection_refusals_total{reason=\"WorldPaused\"} 1", scrape);
        Assert.Contains("aether_injection_refusals_total{reason=\"PodUnfit\"} 0", scrape);
    }

    private static AdmissionRequest Request(JsonObject pod) => new()
    {
        Uid = "1",
        Kind = "Pod",
        ApiVersion = "v1",
        Name = "world-0",
        Namespace = Given.Namespace,
        Operation = AdmissionOperation.Create,
        UserName = "someone",
        DryRun = true,
        NewObject = pod,
    };
}
