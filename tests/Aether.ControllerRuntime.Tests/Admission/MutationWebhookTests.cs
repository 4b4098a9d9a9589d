using System.Text.Json.Nodes;
using Aether.ControllerRuntime.Admission;

namespace Aether.ControllerRuntime.Tests.Admission;

[Trait("Kind", "Unit")]
public sealed class MutationWebhookTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Modified_objects_are_answered_with_a_patch_of_the_difference_alone()
    {
        var answer = await AskAsync(AdmissionOperation.Create, Widget("red"));

        Assert.Equal(
            """[{"op":"replace","path":"/spec/color","value":"blue"}]""", answer.Patch!.ToString());
        Assert.Equal(["rehearsal: True"], answer.Warnings);
    }

    [Fact]
    public async Task Modified_documents_are_compared_with_the_document_of_the_request()
    {
        var answer = await AskAsync(AdmissionOperation.Create, Widget("as JSON"));

        Assert.Equal(
            """[{"op":"replace","path":"/spec/color","value":"blue"}]""", answer.Patch!.ToString());
    }

    [Fact]
    public async Task Unchanged_objects_are_allowed_with_their_warnings()
    {
        var answer = await AskAsync(AdmissionOperation.Create, Widget("as it is"));

        Assert.Null(answer.Denial);
        Assert.Null(answer.Patch);
        Assert.Equal(["it fades"], answer.Warnings);
    }

    [Fact]
    public async Task Failures_refuse_the_request_with_reason_and_status_code()
    {
        var answer = await AskAsync(AdmissionOperation.Create, Widget("mauve"));

        Assert.Equal(("mauve is out of stock", 422), (answer.Denial, answer.Code));
    }

    [Fact]
    public async Task Updates_receive_the_old_and_the_new_object()
    {
        var answer = await AskAsync(AdmissionOperation.Update, Widget("red"), Widget("green"));

        Assert.Equal(
            """[{"op":"replace","path":"/spec/color","value":"green"}]""", answer.Patch!.ToString());
    }

    [Fact]
    public async Task Operations_that_a_webhook_does_not_override_are_allowed()
    {
        var answer = await AskAsync(AdmissionOperation.Delete, null, Widget("mauve"));

        Assert.Equal(AdmissionResult.Allowed, answer);
    }

    // With a field that the type Widget does not have: it must survive.
    private static JsonObject Widget(string color) => JsonNode.Parse(
        $$"""
        {"apiVersion":"test.dev/v1","kind":"Widget","metadata":{"name":"w"},"spec":{"color":"{{color}}","weight":3} }
        """)!.AsObject();

    private static Task<AdmissionResult> AskAsync(
        AdmissionOperation operation, JsonObject? newObject, JsonObject? oldObject = null) =>
        new PaintingWebhook().MutateAsync(
            new AdmissionRequest
            {
                Uid = "1",
                Kind = "Widget",
                ApiVersion = "test.dev/v1",
                Operation = operation,
                UserName = "someone",
                DryRun = true,
                NewObject = newObject,
                OldObject = oldObject,
            },
            Cancellation);
}
