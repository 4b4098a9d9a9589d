namespace Aether.TestServers;

/// <summary>A service account.</summary>
/// <param name="Namespace">Its namespace.</param>
/// <param name="Name">Its name.</param>
public sealed record ServiceAccountName(string Namespace, string Name)
{
    internal string UserName => $"system:serviceaccount:{Namespace}:{Name}";

    internal string Groups => $"system:serviceaccounts,system:serviceaccounts:{Namespace},system:authenticated";
}
