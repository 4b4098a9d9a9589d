using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Aether.ControllerRuntime.Admission;
using Aether.ControllerRuntime.Tests.Servers;
using Aether.ControllerRuntime.Tests.Widgets;
using k8s;
using k8s.Models;

namespace Aether.ControllerRuntime.Tests.Admission;

public sealed class AdmissionTests(Cluster cluster)
{
    private static readonly AdmissionHandler Allow = (_, _) => Task.FromResult(AdmissionResult.Allowed);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_api_server_gets_a_patched_object_and_a_refusal_with_its_reason()
    {
        var space = await cluster.NewNamespaceAsync();
        var asked = new List<AdmissionRequest>();
        await using var server = await WebhookServer.StartAsync(
            (request, _) =>
            {
                asked.Add(request);
                var painted = request.NewObject!.DeepClone();
                painted["spec"]!["size"] = 7;
                return Task.FromResult(AdmissionResult.Patched(request.NewObject, painted));
            },
            (request, _) => Task.FromResult(
                request.ReadNewObject<Widget>()!.Spec.Color == "mauve"
                    ? AdmissionResult.Denied("mauve is out of stock; take violet", 422)
                    : AdmissionResult.Allowed.WithWarning("red fades")));
        using var admin = cluster.Connect();
        await RegisterAsync(admin, server, space);
        // The server caches webhook configurations: send dry runs until it calls both webhooks.
        while (await IsAllowedAsync(admin, space) || asked.Count == 0)
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Cancellation);
        var objects = cluster.Objects();

        var made = await objects.CreateAsync(Widget.Named(space, "w"), Cancellation);
        var refusal = await Assert.ThrowsAsync<ApiException>(
            () => objects.CreateAsync(Widget.Named(space, "x", "mauve"), Cancellation));

        Assert.Equal(7, made.Spec.Size);
        Assert.Contains("mauve is out of stock; take violet", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refusal.Code);
        Assert.All(asked, request => Assert.Equal(request.Name == "rehearsal", request.DryRun));
        var first = asked.First(request => request.Name == "w");
        Assert.Equal(
            ("Widget", "test.dev/v1", space, AdmissionOperation.Create, "admin"),
            (first.Kind, first.ApiVersion, first.Namespace, first.Operation, first.UserName));
    }

    [Fact]
    public async Task The_answer_carries_uid_patch_and_warnings()
    {
        var patch = new JsonPatch().Add("/metadata/labels", new JsonObject());
        await using var server = await WebhookServer.StartAsync(
            (request, _) => Task.FromResult(request.DryRun
                ? AdmissionResult.Patched(patch).WithWarning("only a rehearsal")
                : AdmissionResult.Allowed),
            Allow);

        var (status, answer) = await AskAsync(server, "/mutate", Review());

        Assert.Equal(HttpStatusCode.OK, status);
        var response = answer!["response"]!;
        Assert.Equal("admission.k8s.io/v1", (string?)answer["apiVersion"]);
        Assert.Equal("u-1", (string?)response["uid"]);
        Assert.True((bool?)response["allowed"]);
        Assert.Equal("JSONPatch", (string?)response["patchType"]);
        Assert.Equal(patch.ToString(), Encoding.UTF8.GetString(Convert.FromBase64String((string)response["patch"]!)));
        Assert.Equal("only a rehearsal", (string?)response["warnings"]![0]);
    }

    [Theory]
    [InlineData("no json")]
    [InlineData("{}")]
    [InlineData("""{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"u"}}""")]
    [InlineData("""{"apiVersion":"admission.k8s.io/v1beta1","kind":"AdmissionReview","request":{"uid":"u"}}""")]
    public async Task Body_that_is_not_a_review_is_a_bad_request(string body)
    {
        await using var server = await WebhookServer.StartAsync(Allow, Allow);

        var (status, _) = await AskAsync(server, "/mutate", body);

        Assert.Equal(HttpStatusCode.BadRequest, status);
    }

    [Fact]
    public async Task A_handler_that_fails_and_a_validator_that_patches_are_errors_and_not_answers()
    {
        await using var server = await WebhookServer.StartAsync(
            (_, _) => throw new InvalidOperationException("secret detail"),
            (_, _) => Task.FromResult(AdmissionResult.Patched(new JsonPatch().Remove("/spec"))));

        var (mutating, answer) = await AskAsync(server, "/mutate", Review());
        var (validating, _) = await AskAsync(server, "/validate", Review());

        Assert.Equal(HttpStatusCode.InternalServerError, mutating);
        Assert.Equal(HttpStatusCode.InternalServerError, validating);
        Assert.DoesNotContain("secret detail", answer!.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_beyond_the_limit_is_not_read()
    {
        await using var server = await WebhookServer.StartAsync(Allow, Allow);

        var (status, _) = await AskAsync(
            server, "/mutate", new string(' ', (int)AdmissionEndpoints.BodyLimitBytes + 1));

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, status);
    }

    private static string Review() =>
        """
        {"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"u-1","operation":"UPDATE",
         "kind":{"group":"","version":"v1","kind":"Pod"},"dryRun":true,"object":{"metadata":{"name":"p"}}}}
        """;

    private static async Task<(HttpStatusCode Status, JsonNode? Answer)> AskAsync(
        WebhookServer server, string path, string body)
    {
        using var client = server.Connect();
        client.DefaultRequestHeaders.ExpectContinue = true;
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await client.PostAsync(new Uri(path, UriKind.Relative), content, Cancellation);
        var text = await response.Content.ReadAsStringAsync(Cancellation);
        return (response.StatusCode, text.StartsWith('{') ? JsonNode.Parse(text) : null);
    }

    private static async Task RegisterAsync(Kubernetes admin, WebhookServer server, string space)
    {
        var rule = new V1RuleWithOperations
        {
            ApiGroups = ["test.dev"],
            ApiVersions = ["v1"],
            Resources = ["widgets"],
            Operations = ["CREATE"],
        };
        var here = new V1LabelSelector
        {
            MatchLabels = new Dictionary<string, string> { ["kubernetes.io/metadata.name"] = space },
        };
        var mutating = new V1MutatingWebhookConfiguration
        {
            Metadata = new V1ObjectMeta { Name = space },
            Webhooks =
            [
                new V1MutatingWebhook
                {
                    Name = "mutate.test.dev",
                    AdmissionReviewVersions = ["v1"],
                    SideEffects = "None",
                    ClientConfig = Client(server, "/mutate"),
                    NamespaceSelector = here,
                    Rules = [rule],
                },
            ],
        };
        var validating = new V1ValidatingWebhookConfiguration
        {
            Metadata = new V1ObjectMeta { Name = space },
            Webhooks =
            [
                new V1ValidatingWebhook
                {
                    Name = "validate.test.dev",
                    AdmissionReviewVersions = ["v1"],
                    SideEffects = "None",
                    ClientConfig = Client(server, "/validate"),
                    NamespaceSelector = here,
                    Rules = [rule],
                },
            ],
        };
        await admin.CreateMutatingWebhookConfigurationAsync(mutating, cancellationToken: Cancellation);
        await admin.CreateValidatingWebhookConfigurationAsync(validating, cancellationToken: Cancellation);
    }

    private static async Task<bool> IsAllowedAsync(Kubernetes admin, string space)
    {
        var widget = EntityKind.Of<Widget>().Stamp(Widget.Named(space, "rehearsal", "mauve"));
        try
        {
            var made = await admin.CustomObjects.CreateNamespacedCustomObjectAsync<Widget>(
                widget, "test.dev", "v1", space, "widgets", dryRun: "All", cancellationToken: Cancellation);
            return made.Spec.Color == "mauve";
        }
        catch (k8s.Autorest.HttpOperationException exception)
            when (exception.Response.StatusCode == HttpStatusCode.UnprocessableEntity)
        {
            return false;
        }
    }

    private static Admissionregistrationv1WebhookClientConfig Client(WebhookServer server, string path) =>
        new() { Url = server.Url + path, CaBundle = server.Authority };
}
