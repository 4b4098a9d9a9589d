using System.Text.Json.Nodes;
using Aether.DevCluster.Api;
using Aether.EndToEnd.Tests.Support;

namespace Aether.EndToEnd.Tests.Operator;

/// <summary>From <c>kubectl apply</c> to a Ready world, as its user sees it.</summary>
public sealed class ApplyTests(SharedCluster shared)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_applied_world_becomes_ready_with_all_its_stores()
    {
        var bed = await shared.StartedAsync();
        var world = await bed.NewWorldAsync();

        await world.ApplyAsync();

        var ready = await world.ReadyAsync();
        Assert.All(
            ["PostgresReady", "RedisReady", "NatsReady"], type => Assert.True(ready.Condition(type)?.IsTrue, type));
        var contents = await world.ContentsAsync();
        Assert.All(
            [contents.Postgres, contents.Redis, contents.Nats, contents.Secret], Assert.NotEmpty);
        Assert.All([contents.Postgres, contents.Redis, contents.Nats], lines =>
            Assert.Contains(lines, line => line.Contains(world.Uid, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Columns_of_a_world_show_class_phase_and_age_and_include_those_of_an_agent()
    {
        var bed = await shared.StartedAsync();
        var world = await bed.ReadyWorldAsync("""{"class":"Ephemeral"}""");

        var table = await WorldTable.ReadAsync(bed.Client, world.Namespace, Stop);

        Assert.Equal(
            ["NAME", "CLASS", "PHASE", "EPOCH", "HOLDER", "RPO", "SNAPSHOT", "OUTDATED", "AGE"], Cells(table[0]));
        Assert.Equal(["economy", "Ephemeral", "Ready"], Cells(table[1])[..3]);
        Assert.Matches(@"^\d+(s|m\d*s?)$", Cells(table[1])[^1]);
    }

    [Fact]
    public async Task The_columns_of_a_paused_world_show_the_pause()
    {
        var bed = await shared.StartedAsync();
        var world = await bed.NewWorldAsync();
        await world.ApplyAsync("""{"paused":true}""");
        await world.UntilAsync("Ready", "False", "Paused");

        var table = await WorldTable.ReadAsync(bed.Client, world.Namespace, Stop);

        Assert.Equal(["economy", "Durable", "Paused"], Cells(table[1])[..3]);
        Assert.Empty((await world.ContentsAsync()).All);
    }

    [Fact]
    public async Task Every_field_explains_itself()
    {
        var bed = await shared.StartedAsync();

        var document = await bed.Client.GetAsync("/openapi/v3/apis/persistence.aether.dev/v1alpha1", Stop);

        var schemas = document["components"]!["schemas"]!.AsObject()
            .Where(schema => schema.Key.EndsWith(".WorldPersistence", StringComparison.Ordinal)
                || schema.Key.EndsWith(".PersistenceBackend", StringComparison.Ordinal))
            .ToList();
        Assert.Equal(2, schemas.Count);
        Assert.All(schemas, schema => Assert.Empty(Unexplained(schema.Key, schema.Value!)));
    }

    private static string[] Cells(string row) =>
        row.Split("   ", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static IEnumerable<string> Unexplained(string path, JsonNode schema)
    {
        if (string.IsNullOrWhiteSpace((string?)schema["description"]))
            yield return path;
        foreach (var (name, property) in schema["properties"]?.AsObject() ?? [])
        {
            // The metadata of all objects, and its explanation, come from Kubernetes.
            if (name == "metadata")
                continue;
            foreach (var found in Unexplained($"{path}.{name}", property!))
                yield return found;
        }

        if (schema["items"]?["properties"] is not null)
        {
            foreach (var found in Unexplained($"{path}[]", schema["items"]!))
                yield return found;
        }
    }
}
