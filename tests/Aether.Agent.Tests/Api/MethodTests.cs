using System.Net;
using System.Text.Json;
using Aether.Agent.Tests.Support;

namespace Aether.Agent.Tests.Api;

/// <summary>Methods that a path of the JSON API does not have.</summary>
public sealed class MethodTests : LocalAgentTests
{
    [Theory]
    [InlineData("DELETE", "v1/status", "GET")]
    [InlineData("PUT", "v1/state/k/a", "GET")]
    [InlineData("POST", "v1/state", "GET")]
    [InlineData("GET", "v1/commits", "POST")]
    [InlineData("DELETE", "v1/snapshots", "POST")]
    [InlineData("PATCH", "v1/events/trade.done", "POST")]
    public async Task Wrong_method_is_refused_with_the_methods_that_the_path_takes(
        string method, string path, string allowed)
    {
        var refused = await SendAsync(Agent.Endpoints.Json, method, path);

        Assert.Equal(HttpStatusCode.MethodNotAllowed, refused.StatusCode);
        Assert.Equal([allowed], refused.Content.Headers.Allow);
        Assert.Equal("application/problem+json", refused.Content.Headers.ContentType?.MediaType);
        var problem = JsonDocument.Parse(await refused.Content.ReadAsStringAsync(Cancellation)).RootElement;
        Assert.Equal(405, problem.GetProperty("status").GetInt32());
        Assert.Equal(
            $"/{path} takes {allowed}, not {method}.", problem.GetProperty("detail").GetString());
    }

    [Fact]
    public async Task Path_of_another_listener_is_answered_with_404_whatever_the_method()
    {
        var refused = await SendAsync(Agent.Endpoints.Health, "DELETE", "v1/status");
        var health = await SendAsync(Agent.Endpoints.Json, "GET", "healthz");
        var unknown = await SendAsync(Agent.Endpoints.Json, "DELETE", "v1/unknown");

        Assert.All([refused, health, unknown], answer =>
        {
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
            Assert.Empty(answer.Content.Headers.Allow);
        });
    }

    private static Task<HttpResponseMessage> SendAsync(HttpClient client, string method, string path) =>
        client.SendAsync(new HttpRequestMessage(new HttpMethod(method), path), Cancellation);
}
