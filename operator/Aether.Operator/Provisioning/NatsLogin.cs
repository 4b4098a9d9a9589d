namespace Aether.Operator.Provisioning;

/// <summary>As whom a world logs in to NATS. Not a record, so that nothing prints it.</summary>
internal sealed class NatsLogin
{
    /// <summary>Text of a creds file; used instead of user and password.</summary>
    public string? CredentialsFile { get; init; }

    public string? Username { get; init; }

    public string? Password { get; init; }

    /// <summary>Whether it is the operator's own user, which all worlds of the backend share.</summary>
    public bool IsShared { get; init; }
}
