using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Aether.ControllerRuntime.Admission;

/// <summary>Reads requests from and writes answers to <c>admission.k8s.io/v1</c> AdmissionReviews.</summary>
internal static class AdmissionReview
{
    private const string ApiVersion = "admission.k8s.io/v1";
    private const string Kind = "AdmissionReview";

    public static AdmissionRequest ReadRequest(JsonNode? review)
    {
        if (review is not JsonObject
            || (string?)review["apiVersion"] != ApiVersion
            || (string?)review["kind"] != Kind
            || review["request"] is not JsonObject request)
        {
            throw new JsonException($"The body is not an {Kind} of {ApiVersion} with a request.");
        }

        var kind = request["kind"] as JsonObject;
        var group = (string?)kind?["group"];
        var version = Require(kind?["version"], "kind.version");
        return new AdmissionRequest
        {
            Uid = Require(request["uid"], "uid"),
            Kind = Require(kind?["kind"], "kind.kind"),
            ApiVersion = string.IsNullOrEmpty(group) ? version : $"{group}/{version}",
            SubResource = TextOrNull(request["subResource"]),
            Name = TextOrNull(request["name"]),
            Namespace = TextOrNull(request["namespace"]),
            Operation = ReadOperation(Require(request["operation"], "operation")),
            UserName = (string?)(request["userInfo"] as JsonObject)?["username"] ?? "",
            DryRun = (bool?)request["dryRun"] ?? false,
            NewObject = request["object"] as JsonObject,
            OldObject = request["oldObject"] as JsonObject,
        };
    }

    public static JsonObject WriteResponse(string uid, AdmissionResult result)
    {
        var response = new JsonObject { ["uid"] = uid, ["allowed"] = result.Denial is null };
        if (result.Denial is not null)
            response["status"] = new JsonObject { ["code"] = result.Code, ["message"] = result.Denial };
        if (result.Patch is not null)
        {
            response["patchType"] = "JSONPatch";
            response["patch"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(result.Patch.ToString()));
        }

        if (!result.Warnings.IsEmpty)
            response["warnings"] = new JsonArray([.. result.Warnings.Select(warning => JsonValue.Create(warning))]);
        return new JsonObject { ["apiVersion"] = ApiVersion, ["kind"] = Kind, ["response"] = response };
    }

    private static AdmissionOperation ReadOperation(string operation) =>
        Enum.TryParse<AdmissionOperation>(operation, ignoreCase: true, out var parsed)
            ? parsed
            : throw new JsonException($"request.operation '{operation}' is unknown.");

    private static string? TextOrNull(JsonNode? node) => (string?)node is { Length: > 0 } text ? text : null;

    private static string Require(JsonNode? node, string field) =>
        TextOrNull(node) ?? throw new JsonException($"request.{field} is missing.");
}
