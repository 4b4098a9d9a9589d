namespace Aether.Operator.Provisioning;

/// <summary>
/// NATS users for worlds that the platform team created, with the permissions of its choice. Not a record, so that its
/// secrets are never printed.
/// </summary>
/// <param name="secret">The Secret with the users, as namespace/name.</param>
/// <param name="users">Passwords, or texts of creds files, by user.</param>
internal sealed class NatsUserList(string secret, IReadOnlyDictionary<string, string> users)
{
    private const string CredentialsMark = "NATS USER JWT";

    /// <summary>The Secret with the users, as namespace/name.</summary>
    public string Secret => secret;

    /// <summary>The number of users.</summary>
    public int Count => users.Count;

    /// <summary>Identifies the list.</summary>
    public string Fingerprint => StorePlace.Fingerprint(
        [secret, .. users.OrderBy(user => user.Key, StringComparer.Ordinal).SelectMany(
            user => new[] { user.Key, user.Value })]);

    /// <summary>The name of a user in a world's status, unique across lists.</summary>
    public string Qualified(string user) => $"{secret}:{user}";

    /// <summary>
    /// The login of the user that a status names; null if the user is not, or no longer, on this list.
    /// </summary>
    public NatsLogin? Find(string? qualified)
    {
        var prefix = Qualified("");
        if (qualified?.StartsWith(prefix, StringComparison.Ordinal) != true)
            return null;
        var user = qualified[prefix.Length..];
        return users.TryGetValue(user, out var secretText) ? Login(user, secretText) : null;
    }

    /// <summary>
    /// Chooses a user for a world without one: the user named after the world, otherwise the first free user whose name
    /// is not a world's. Null if there is none.
    /// </summary>
    /// <param name="world">Namespace and name of the world, separated by a dot.</param>
    /// <param name="taken">Users of other worlds, as their status names them.</param>
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
