using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Aether.ControllerRuntime;
using Aether.Operator.Kinds;
using Aether.Operator.Provisioning;
using Aether.Persistence.Contracts;
using k8s.Models;
using Prometheus;

namespace Aether.Operator.Tests.Surveying;

/// <summary>Which worlds are inspected after a survey, and what happens while a store cannot be surveyed.</summary>
public sealed class DriftSurveyTests(SurveyedCluster cluster) : IClassFixture<SurveyedCluster>
{
    private readonly string _host = $"{Guid.NewGuid():N}.test";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private SurveyedStore Store => cluster.Store;

    [Fact]
    public async Task Only_the_world_whose_facts_changed_is_inspected_and_only_once()
    {
        var (changed, other) = await TwoWorldsAsync(_host);
        await SettleAsync(changed, other);
        var before = (Changed: Store.Inspections(changed), Other: Store.Inspections(other));

        Store.Change(changed, "changed");
        await SurveysAsync(4);

        Assert.Equal(before.Changed + 1, Store.Inspections(changed));
        Assert.Equal(before.Other, Store.Inspections(other));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task While_surveys_fail_each_world_is_inspected_alone_once_per_interval(bool isExpected)
    {
        var elsewhere = $"{Guid.NewGuid():N}.test";
        var (damaged, sound) = await TwoWorldsAsync(_host);
        var (undisturbed, _) = await TwoWorldsAsync(elsewhere);
        await SettleAsync(damaged, sound, undisturbed);
        var before = (Sound: Store.Inspections(sound), Undisturbed: Store.Inspections(undisturbed));
        var failures = await FailuresAsync();

        Store.Fail(_host, () => isExpected
            ? new ProvisioningException(StoreReason.PermissionDenied, "No right to list.")
            : new InvalidOperationException("A defect."));
        var started = Store.Surveys(_host);
        Store.Damage(damaged);
        await SurveysAsync(3);
        await Eventually.IsTrueAsync(() => Task.FromResult(!Store.IsDamaged(damaged)), Stop);
        var (inspected, failed) = (Store.Inspections(sound) - before.Sound, await FailuresAsync() - failures);
        var surveys = Store.Surveys(_host) - started;
        Store.Fail(_host, null);
        await SettleAsync(damaged, sound);

        Assert.InRange(inspected, 3, surveys + 1);
        Assert.InRange(failed, 3, surveys + 1);
        Assert.Equal(before.Undisturbed, Store.Inspections(undisturbed));
    }

    [Fact]
    public async Task Change_of_a_Secret_that_is_not_watched_concerns_every_world_of_the_backend()
    {
        var secret = $"s{Guid.NewGuid():N}";
        await cluster.CreateSecretAsync("default", secret, ("username", "u"), ("password", "before"));
        var (first, second) = await TwoWorldsAsync(
            _host, new SecretReference { Namespace = "default", Name = secret });
        await SettleAsync(first, second);
        var before = (First: Store.Inspections(first), Second: Store.Inspections(second));

        await cluster.Objects.MergeAsync<V1Secret>(
            new ObjectKey("default", secret),
            new JsonObject { ["stringData"] = new JsonObject { ["password"] = "after" } },
            Stop);
        await SurveysAsync(2);

        Assert.Equal(before.First + 1, Store.Inspections(first));
        Assert.Equal(before.Second + 1, Store.Inspections(second));
    }

    private async Task<(WorldNames First, WorldNames Second)> TwoWorldsAsync(
        string host, SecretReference? secret = null)
    {
        var name = $"b{Guid.NewGuid():N}";
        await cluster.CreateBackendAsync(name, spec =>
        {
            spec.Postgres.Host = host;
            spec.Postgres.AdminSecretRef = secret ?? spec.Postgres.AdminSecretRef;
        });
        var @namespace = await cluster.NewNamespaceAsync();
        foreach (var world in new[] { "first", "second" })
        {
            await cluster.WaitReadyAsync(await cluster.CreateWorldAsync(
                @namespace, world, $$$"""{"backendRef":{"name":"{{{name}}}"}}"""));
        }

        return (WorldNames.For(@namespace, "first"), WorldNames.For(@namespace, "second"));
    }

    private async Task SurveysAsync(int count)
    {
        // One more, because one may be running, and another for the inspections that it causes.
        var until = Store.Surveys(_host) + count + 2;
        await Eventually.IsTrueAsync(() => Task.FromResult(Store.Surveys(_host) >= until), Stop);
    }

    // A new world is inspected again after its first survey.
    private async Task SettleAsync(params WorldNames[] worlds)
    {
        int before;
        do
        {
            before = worlds.Sum(Store.Inspections);
            await SurveysAsync(1);
        }
        while (worlds.Sum(Store.Inspections) != before);
    }

    private async Task<int> FailuresAsync()
    {
        using var page = new MemoryStream();
        await cluster.Service<CollectorRegistry>().CollectAndExportAsTextAsync(page, Stop);
        var found = Regex.Match(
            Encoding.UTF8.GetString(page.ToArray()),
            """aether_drift_survey_failures_total\{store="PostgreSQL"\} (\d+)""");
        Assert.True(found.Success);
        return int.Parse(found.Groups[1].Value, CultureInfo.InvariantCulture);
    }
}
