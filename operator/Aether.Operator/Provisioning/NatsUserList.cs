namespace Aether.Operator.Provisioning;

/// <summary>
/// Users that the platform team made for worlds, with permissions of its own choice. Not a record, so that nothing
/// prints it.
/// </summary>
/// <param name="secret">The Secret that holds them, as namespace/name.</param>
/// <param name="users">Passwords, or texts of creds files, by user.</param>
internal sealed class NatsUserList(string secret, IReadOnlyDictionary<string, string> users)
{
    private const string CredentialsMark = "NATS USER JWT";

    /// <summary>The Secret that holds them, as namespace/name.</summary>
    public string Secret => secret;

    /// <summary>How many there are.</summary>
    public int Count => users.Count;

    /// <summary>How a world's status names a user: no two lists share such a name.</summary>
    public string Qualified(string user) => $"{secret}:{user}";

    /// <summary>The user that a status names; null if it is not on this list (any more).</summary>
    public NatsLogin? Find(string? qualified)
    {
        var prefix = Qualified("");
        if (qualified?.StartsWith(prefix, StringComparison.Ordinal) != true)
            return null;
        var user = qualified[prefix.Length..];
        return users.TryGetValue(user, out var secretText) ? Login(user, secretText) : null;
    }

    /// <summary>
    /// A user for a world that has none yet: the one that is named after it, else the first that is named after no
    /// world and that no other world has. Null if there is none.
    /// </summary>
    /// <param name="world">Namespace and name of the world, with a dot between.</param>
    /// <param name="taken">Users that other worlds have, as their status names them.</param>
    public string? Choose(string world, IReadOnlySet<string> taken) =>
        users.Keys.Where(user => user == world || !user.Contains('.', StringComparison.Ordinal))
            .OrderBy(user => user != world).ThenBy(user => user, StringComparer.Ordinal)
            .Select(Qualified)
            .FirstOrDefault(user => !taken.Contains(user));

    private static NatsLogin Login(string user, string secretText) =>
        secretText.Contains(CredentialsMark, StringComparison.Ordinal)
            ? new NatsLogin { CredentialsFile = secretText }
            : new NatsLogin { Username = user, Password = secretText };
}
