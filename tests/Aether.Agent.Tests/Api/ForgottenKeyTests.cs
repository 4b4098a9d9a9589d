using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Aether.Agent.Tests.Support;
using Aether.Client;
using PersistenceOptions = Aether.Persistence.PersistenceOptions;

namespace Aether.Agent.Tests.Api;

/// <summary>The answer to a commit that is sent again after its key was forgotten.</summary>
public sealed class ForgottenKeyTests : LocalAgentTests
{
    private static readonly int Remembered = new PersistenceOptions { WorldId = "w", Holder = "h" }.MaxIdempotencyKeys;

    [Fact]
    public async Task Commit_sent_again_is_not_applied_twice()
    {
        var commit = Put("sent");
        var first = await Client.CommitAsync(commit, Cancellation);
        await using (var stream = Client.OpenCommitStream(maxInFlight: 1024))
        {
            foreach (var some in Enumerable.Range(0, Remembered).Chunk(10_000))
                await Task.WhenAll(some.Select(i => stream.CommitAsync(Put($"{i}"), Cancellation)));
        }

        await Assert.ThrowsAsync<OutcomeUnknownException>(() => Client.CommitAsync(commit, Cancellation));
        var problem = await PostAsync("sent", $$"""{ "epoch": {{first.Epoch}}, "sequence": 0 }""");

        Assert.Equal(HttpStatusCode.Conflict, problem.Status);
        Assert.Equal("outcome-unknown", problem.Body.GetProperty("aether-reason").GetString());
        Assert.Equal((ulong)Remembered + 1, (await Client.StatusAsync(Cancellation)).Sequence);
    }

    [Theory]
    [InlineData("""{ "epoch": 1, "sequence": 9 }""", "firstSentAfter")]
    [InlineData("""{ "epoch": 1 }""", "$.firstSentAfter")]
    [InlineData("""{ "epoch": 1, "sequence": -1 }""", "$.firstSentAfter.sequence")]
    public async Task Impossible_first_sent_place_is_refused_with_its_field(string place, string field)
    {
        var problem = await PostAsync("key", place);

        Assert.Equal(HttpStatusCode.BadRequest, problem.Status);
        Assert.Equal(field, problem.Body.GetProperty("aether-field").GetString());
    }

    private static WorldCommit Put(string key) =>
        new WorldCommit(key) { Durability = WorldDurability.Memory }.Put(new("k", "a"), new byte[1]);

    private async Task<(HttpStatusCode Status, JsonElement Body)> PostAsync(string key, string firstSentAfter)
    {
        var body = $$"""
            {
              "mutations": [{ "kind": "k", "id": "a", "put": "AA==" }],
              "idempotencyKey": "{{key}}",
              "firstSentAfter": {{firstSentAfter}}
            }
            """;
        using var response = await Agent.Endpoints.Json.PostAsync(
            "v1/commits", new StringContent(body, Encoding.UTF8, "application/json"), Cancellation);
        return (response.StatusCode, await response.Content.ReadFromJsonAsync<JsonElement>(Cancellation));
    }
}
