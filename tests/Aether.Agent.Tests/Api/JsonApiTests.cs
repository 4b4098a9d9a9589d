using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Aether.Agent.Tests.Support;

namespace Aether.Agent.Tests.Api;

public sealed class JsonApiTests : LocalAgentTests
{
    private HttpClient Http => Agent.Endpoints.Json;

    [Fact]
    public async Task A_posted_commit_is_read_back_whatever_is_in_its_key()
    {
        var posted = await PostAsync("""{"mutations":[{"kind":"a/b","id":"x/%2F?","put":"aGVsbG8="}]}""");

        var entry = await Http.GetFromJsonAsync<JsonElement>("v1/state/a%2Fb/x%2F%252F%3F", Cancellation);
        var raw = await Http.GetAsync("v1/state/a%2Fb/x%2F%252F%3F?raw", Cancellation);

        Assert.Equal("Fsync", (await JsonAsync(posted)).GetProperty("durability").GetString());
        Assert.Equal("hello", Encoding.UTF8.GetString(entry.GetProperty("value").GetBytesFromBase64()));
        Assert.Equal("hello", await raw.Content.ReadAsStringAsync(Cancellation));
        Assert.Equal("1", Assert.Single(raw.Headers.GetValues("Aether-Version")));
    }

    [Fact]
    public async Task A_kind_is_listed_by_prefix_and_up_to_a_limit()
    {
        await PostAsync("""
            {"mutations":[{"kind":"k","id":"a1","put":""},{"kind":"k","id":"a2","put":""},
                          {"kind":"k","id":"b","put":""}]}
            """);

        var some = await Http.GetFromJsonAsync<JsonElement>("v1/state/k?prefix=a&limit=1", Cancellation);
        var all = await Http.GetFromJsonAsync<JsonElement>("v1/state/k", Cancellation);

        Assert.True(some.GetProperty("truncated").GetBoolean());
        Assert.Equal("a1", Assert.Single(some.GetProperty("entries").EnumerateArray()).GetProperty("id").GetString());
        Assert.Equal(3, all.GetProperty("entries").GetArrayLength());
    }

    [Fact]
    public async Task A_refusal_is_a_problem_with_the_facts_gRPC_has_as_trailers()
    {
        await PostAsync("""{"mutations":[{"kind":"k","id":"1","put":""}]}""");

        var refused = await PostAsync("""{"mutations":[{"kind":"k","id":"1","put":"","expectedVersion":5}]}""");

        Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
        Assert.Equal("application/problem+json", refused.Content.Headers.ContentType?.MediaType);
        var problem = await JsonAsync(refused);
        Assert.Equal(409, problem.GetProperty("status").GetInt32());
        Assert.Equal("1", problem.GetProperty("aether-current-version").GetString());
    }

    [Theory]
    [InlineData("not json", HttpStatusCode.BadRequest)]
    [InlineData("""{"mutatoins":[]}""", HttpStatusCode.BadRequest)]
    [InlineData("""{"mutations":[]}""", HttpStatusCode.BadRequest)]
    [InlineData("""{"mutations":[{"kind":"k","id":"1"}]}""", HttpStatusCode.BadRequest)]
    [InlineData("""{"mutations":[{"kind":"k","id":"1","put":"","delete":true}]}""", HttpStatusCode.BadRequest)]
    [InlineData("""{"mutations":[{"kind":"k","id":"1","put":""}],"durability":17}""", HttpStatusCode.BadRequest)]
    [InlineData(
        """{"mutations":[{"kind":"k","id":"1","put":""}],"durability":"Memory,Batched"}""", HttpStatusCode.BadRequest)]
    [InlineData("""{"mutations":[{"kind":"k","id":"1","put":""}],"durability":"3"}""", HttpStatusCode.BadRequest)]
    [InlineData("""{"mutations":[{"kind":"k","id":"1","put":"?"}]}""", HttpStatusCode.BadRequest)]
    public async Task A_malformed_commit_is_refused_and_changes_nothing(string body, HttpStatusCode expected)
    {
        var refused = await PostAsync(body);
        var status = await Http.GetFromJsonAsync<JsonElement>("v1/status", Cancellation);

        Assert.Equal(expected, refused.StatusCode);
        Assert.NotEmpty((await JsonAsync(refused)).GetProperty("detail").GetString()!);
        Assert.Equal(0, status.GetProperty("sequence").GetInt32());
    }

    [Fact]
    public async Task Snapshots_and_events_are_posted()
    {
        await PostAsync("""{"mutations":[{"kind":"k","id":"1","put":""}]}""");

        var snapshot = await Http.PostAsync("v1/snapshots", null, Cancellation);
        var published = await Http.PostAsync("v1/events/trade.done", new StringContent("data"), Cancellation);

        Assert.Equal(1, (await JsonAsync(snapshot)).GetProperty("sequence").GetInt32());
        Assert.Equal(1, (await JsonAsync(published)).GetProperty("eventSequence").GetInt32());
    }

    [Theory]
    [InlineData("""{"mutations":null}""", "mutations")]
    [InlineData("""{"mutations":[null]}""", "mutations[0]")]
    [InlineData("""{"mutations":[{"kind":null,"id":"1","put":""}]}""", "mutations[0].key.kind")]
    [InlineData("""{"mutations":[{"kind":"k","id":null,"put":""}]}""", "mutations[0].key.id")]
    public async Task Null_in_a_required_field_is_refused_with_the_name_of_the_field(string body, string field) =>
        await AssertRefusedAsync(await PostAsync(body), field);

    [Theory]
    [InlineData("?raw", "application/octet-stream")]
    [InlineData("?raw=true&confirmed=TRUE", "application/octet-stream")]
    [InlineData("?raw=false&confirmed=false", "application/json")]
    [InlineData("?raw=1", "application/problem+json")]
    public async Task Flag_is_set_by_its_name_or_its_value(string query, string contentType)
    {
        await PostAsync("""{"mutations":[{"kind":"k","id":"1","put":""}]}""");

        var read = await Http.GetAsync("v1/state/k/1" + query, Cancellation);

        Assert.Equal(contentType, read.Content.Headers.ContentType?.MediaType);
    }

    [Theory]
    [InlineData("v1/state")]
    [InlineData("v1/state?limit=1")]
    [InlineData("v1/state/")]
    public async Task A_read_without_a_key_is_refused(string path) =>
        await AssertRefusedAsync(await Http.GetAsync(path, Cancellation), "kind");

    [Theory]
    [InlineData("/v1/%73tate/k/1")]
    [InlineData("http://agent/v1/state/k/1")]
    [InlineData("/V1/State/k/%31")]
    [InlineData("/v1/state/k/1?raw")]
    public async Task Every_HTTP_form_of_a_path_names_the_same_key(string target)
    {
        await PostAsync("""{"mutations":[{"kind":"k","id":"1","put":""}]}""");

        var answer = await RequestAsync(target);

        Assert.StartsWith("HTTP/1.1 200 ", answer, StringComparison.Ordinal);
        Assert.Contains("Aether-Version: 1", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/v1/state/k/%FF", "id")]
    [InlineData("/v1/state/%C3(/1", "kind")]
    [InlineData("/v1/state/%FF", "kind")]
    [InlineData("/v1/state/k?prefix=%FF", "prefix")]
    [InlineData("/v1/x/../state/k/1", "path")]
    public async Task Path_that_names_no_key_is_refused_and_not_mistaken_for_another(string target, string field)
    {
        var answer = await RequestAsync(target);

        Assert.StartsWith("HTTP/1.1 400 ", answer, StringComparison.Ordinal);
        Assert.Contains($"\"aether-field\":\"{field}\"", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("agent://h/v1/state/k/1")]
    [InlineData("http://h")]
    public async Task Id_in_the_form_of_an_address_is_not_treated_as_an_address(string id)
    {
        await PostAsync("{\"mutations\":[{\"kind\":\"k\",\"id\":\"1\",\"put\":\"\"}]}");
        await PostAsync($"{{\"mutations\":[{{\"kind\":\"link\",\"id\":\"{id}\",\"put\":\"\"}}]}}");

        var answer = await RequestAsync($"/v1/state/link/{id}");

        Assert.StartsWith("HTTP/1.1 200 ", answer, StringComparison.Ordinal);
        Assert.Contains("Aether-Version: 2", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Missing_key_is_answered_with_404_and_a_problem()
    {
        var missing = await Http.GetAsync("v1/state/k/1", Cancellation);

        Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
        Assert.Equal("application/problem+json", missing.Content.Headers.ContentType?.MediaType);
    }

    // HttpClient would normalise the target.
    private async Task<string> RequestAsync(string target)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(Agent.Endpoints.HttpSocketPath), Cancellation);
        var request = $"GET {target} HTTP/1.1\r\nHost: agent\r\nConnection: close\r\n\r\n";
        await socket.SendAsync(Encoding.ASCII.GetBytes(request), Cancellation);
        using var answer = new StreamReader(new NetworkStream(socket));
        return await answer.ReadToEndAsync(Cancellation);
    }

    private static async Task AssertRefusedAsync(HttpResponseMessage refused, string field)
    {
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Equal(field, (await JsonAsync(refused)).GetProperty("aether-field").GetString());
    }

    private static async Task<JsonElement> JsonAsync(HttpResponseMessage response) =>
        await response.Content.ReadFromJsonAsync<JsonElement>(Cancellation);

    private Task<HttpResponseMessage> PostAsync(string body) => Http.PostAsync(
        "v1/commits", new StringContent(body, Encoding.UTF8, "application/json"), Cancellation);
}
