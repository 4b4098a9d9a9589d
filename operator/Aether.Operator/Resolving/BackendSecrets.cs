using Aether.ControllerRuntime;
using Aether.Operator.Kinds;
using k8s.Models;

namespace Aether.Operator.Resolving;

/// <summary>Lists the Secrets that a backend refers to.</summary>
[EntityRbac(typeof(V1Secret), Verbs = RbacVerb.List | RbacVerb.Watch)]
internal static class BackendSecrets
{
    /// <summary>Name of the index of backends by these Secrets.</summary>
    public const string Index = "secret";

    /// <summary>Keys of the Secrets, in the form for the index.</summary>
    public static IEnumerable<string> Of(PersistenceBackend backend)
    {
        var spec = backend.Spec;
        SecretReference?[] references =
        [
            spec.Postgres.AdminSecretRef,
            spec.Redis?.AdminSecretRef,
            spec.Nats?.CredentialsSecretRef,
            spec.Nats?.AccountSigningKeySecretRef,
            spec.Nats?.WorldUsersSecretRef,
            .. Certificates(spec.Postgres),
            .. Certificates(spec.Redis),
            .. Certificates(spec.Nats),
        ];
        return references.OfType<SecretReference>()
            .Select(reference => new ObjectKey(reference.Namespace, reference.Name).ToString())
            .Distinct();
    }

    private static SecretReference?[] Certificates(ITlsBackend? store) =>
        [store?.CaSecretRef, store?.ClientCertificateSecretRef, store?.AgentClientCertificateSecretRef];
}
