using System.Globalization;
using System.Text.Json.Nodes;
using Aether.ControllerRuntime;
using k8s.Models;

namespace Aether.Operator.Certificates;

/// <summary>Makes a webhook configuration trust a bundle, and changes nothing else of it.</summary>
internal static class WebhookTrust
{
    /// <summary>
    /// The required change; empty if there is none. It applies only to the given version of the configuration.
    /// </summary>
    public static JsonPatch PatchFor(V1MutatingWebhookConfiguration configuration, byte[] bundle)
    {
        var patch = new JsonPatch();
        var outdated = (configuration.Webhooks ?? []).Index()
            .Where(webhook => !bundle.AsSpan().SequenceEqual(webhook.Item.ClientConfig?.CaBundle))
            .ToList();
        if (outdated.Count == 0)
            return patch;

        // Replacing the version instead of testing it makes a mismatch a conflict, unlike the error of a bad patch.
        patch.Replace("/metadata/resourceVersion", configuration.Metadata.ResourceVersion);
        foreach (var (index, _) in outdated)
        {
            patch.Add(
                string.Create(CultureInfo.InvariantCulture, $"/webhooks/{index}/clientConfig/caBundle"),
                JsonValue.Create(Convert.ToBase64String(bundle)));
        }

        return patch;
    }
}
