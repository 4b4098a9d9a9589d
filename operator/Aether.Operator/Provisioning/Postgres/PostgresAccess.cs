using Aether.Operator.Kinds;

namespace Aether.Operator.Provisioning.Postgres;

/// <summary>Where PostgreSQL is and who administers it. Not a record, so that nothing prints it.</summary>
internal sealed class PostgresAccess
{
    public required string Host { get; init; }

    public required int Port { get; init; }

    public required string Database { get; init; }

    public required PostgresSslMode SslMode { get; init; }

    /// <summary>PEM text of the CA; null for the system's CAs.</summary>
    public required string? CertificateAuthority { get; init; }

    public required string Username { get; init; }

    public required string Password { get; init; }

    /// <summary>Where it is, for messages.</summary>
    public string Address => $"{Host}:{Port}";
}
