namespace Aether.Operator.Provisioning;

/// <summary>A world's NATS login. Not a record, so that its secrets are never printed.</summary>
internal sealed class NatsLogin
{
    /// <summary>Text of a creds file; used instead of user and password.</summary>
    public string? CredentialsFile { get; init; }

    public string? Username { get; init; }

    public string? Password { get; init; }

    /// <summary>Whether this is the operator's own user, which all worlds of the backend share.</summary>
    public bool IsShared { get; init; }
}
