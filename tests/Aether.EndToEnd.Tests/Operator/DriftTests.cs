using System.Text;
using System.Text.Json.Nodes;
using Aether.DevCluster.Api;
using Aether.EndToEnd.Tests.Support;
using Aether.Persistence.Contracts;

namespace Aether.EndToEnd.Tests.Operator;

/// <summary>The stores of a world are changed outside the operator: it repairs exactly these changes.</summary>
public sealed class DriftTests(SharedCluster shared)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("""REVOKE INSERT ON "{schema}".journal_blocks FROM "{role}" """, "INSERT on table")]
    [InlineData("""REVOKE ALL ON SCHEMA "{schema}" FROM "{role}" """, "USAGE on schema")]
    [InlineData("""ALTER ROLE "{role}" SET search_path = public""", "has search_path public")]
    [InlineData("""ALTER ROLE "{role}" SUPERUSER""", "lacks NOSUPERUSER")]
    [InlineData("""GRANT pg_read_all_data TO "{role}" """, "is a member of")]
    public async Task A_change_in_PostgreSQL_is_repaired_and_reported(string statement, string reported)
    {
        var bed = await shared.StartedAsync();
        await RepairsAsync(bed, reported, world => bed.Stores.ExecuteAsync(
            statement.Replace("{schema}", world.Names.Schema, StringComparison.Ordinal)
                .Replace("{role}", world.Names.Role, StringComparison.Ordinal),
            Stop));
    }

    [Fact]
    public async Task A_password_changed_in_postgres_is_changed_back_to_that_of_the_secret()
    {
        var bed = await shared.StartedAsync();
        var world = await bed.ReadyWorldAsync();
        var before = await world.ContentsAsync();

        await bed.Stores.ExecuteAsync($"ALTER ROLE \"{world.Names.Role}\" PASSWORD 'guessed'", Stop);

        await world.EventAsync("DriftRepaired", "has another password");
        var after = await world.ContentsAsync();
        var password = (await world.SecretAsync()).Data[AetherVariables.PostgresPassword];
        await bed.Stores.LogInToPostgresAsync(world.Names.Role, Encoding.UTF8.GetString(password), Stop);
        Assert.Equal(before.All.Where(IsNotRole), after.All.Where(IsNotRole));
    }

    [Theory]
    [InlineData("DELUSER {user}", "is missing")]
    [InlineData("SETUSER {user} ~*", "key patterns")]
    public async Task A_change_of_the_Redis_user_is_repaired_and_reported(string change, string reported)
    {
        var bed = await shared.StartedAsync();
        await RepairsAsync(bed, reported, world => bed.Stores.RedisAsync(
            "ACL", [.. change.Replace("{user}", world.Names.RedisUser, StringComparison.Ordinal).Split(' ')]));
    }

    [Fact]
    public async Task A_deleted_stream_is_recreated_and_reported()
    {
        var bed = await shared.StartedAsync();
        await RepairsAsync(bed, "is missing", world =>
            bed.Stores.JetStreamAsync($"STREAM.DELETE.{world.Names.EventStream}", Stop));
    }

    [Fact]
    public async Task A_setting_removed_from_the_Secret_is_restored_and_reported()
    {
        var bed = await shared.StartedAsync();
        var world = await bed.ReadyWorldAsync();
        var before = await world.ContentsAsync();

        await RemoveFromSecretAsync(bed, world, AetherVariables.PostgresHost);

        await world.EventAsync("SecretUpdated", world.Names.Secret);
        Assert.Equal(before.All, (await world.ContentsAsync()).All);
    }

    [Fact]
    public async Task A_password_removed_from_the_Secret_is_replaced_there_and_in_its_store()
    {
        var bed = await shared.StartedAsync();
        var world = await bed.ReadyWorldAsync();
        var before = await world.ContentsAsync();

        await RemoveFromSecretAsync(bed, world, AetherVariables.RedisPassword);

        await world.EventAsync("SecretUpdated", world.Names.Secret);
        await world.EventAsync("DriftRepaired", "has another password");
        var after = await world.ContentsAsync();
        var password = (await world.SecretAsync()).Data[AetherVariables.RedisPassword];
        await bed.Stores.LogInToRedisAsync(world.Names.RedisUser, Encoding.UTF8.GetString(password));
        Assert.Equal(before.Postgres, after.Postgres);
        Assert.Equal(before.Nats, after.Nats);
        Assert.Equal(
            before.Secret.Where(IsNotOfRedisPassword), after.Secret.Where(IsNotOfRedisPassword));
        Assert.NotEqual(before.Secret, after.Secret);
    }

    // The line of the role contains the salt of its password, which differs each time.
    private static bool IsNotRole(string line) => !line.StartsWith("role ", StringComparison.Ordinal);

    // The revision identifies the credentials, so it changes with each of them.
    private static bool IsNotOfRedisPassword(string line) =>
        !line.StartsWith(AetherVariables.RedisPassword, StringComparison.Ordinal)
        && !line.StartsWith(AetherVariables.CredentialsRevision, StringComparison.Ordinal);

    private static Task<JsonObject> RemoveFromSecretAsync(TestBed bed, TestWorld world, string key) =>
        bed.Client.MergeAsync(
            $"/api/v1/namespaces/{world.Namespace}/secrets/{world.Names.Secret}",
            new JsonObject { ["data"] = new JsonObject { [key] = null } },
            Stop);

    private static async Task RepairsAsync(TestBed bed, string reported, Func<TestWorld, Task> damage)
    {
        var world = await bed.ReadyWorldAsync();
        var neighbour = await bed.ReadyWorldAsync("{}", world.Namespace, "neighbour");
        var (before, neighbourBefore) = (await world.ContentsAsync(), await neighbour.ContentsAsync());

        await damage(world);

        var repaired = await world.EventAsync("DriftRepaired");
        Assert.Contains(reported, repaired.Message);
        Assert.Equal(before.All, (await world.ContentsAsync()).All);
        Assert.Equal(neighbourBefore.All, (await neighbour.ContentsAsync()).All);
        await world.ReadyAsync();
        Assert.Single(world.Events(), item => item.Reason == "DriftRepaired");
        Assert.DoesNotContain(neighbour.Events(), item => item.Reason == "DriftRepaired");
    }
}
