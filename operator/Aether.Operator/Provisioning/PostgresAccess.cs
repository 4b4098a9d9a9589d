using Aether.Operator.Kinds;
using Aether.Persistence.Contracts;

namespace Aether.Operator.Provisioning;

/// <summary>Address and administrator of PostgreSQL. Not a record, so that its secrets are never printed.</summary>
internal sealed class PostgresAccess
{
    public required string Host { get; init; }

    public required int Port { get; init; }

    /// <summary>Several servers, as <c>host:port</c> separated by commas; null if there is only one.</summary>
    public string? Hosts { get; init; }

    /// <summary>Which of several servers to use.</summary>
    public PostgresTargetSession TargetSession { get; init; }

    /// <summary>Whether agents prepare statements; the operator never does.</summary>
    public PreparedStatements PreparedStatements { get; init; }

    public required string Database { get; init; }

    public required PostgresSslMode SslMode { get; init; }

    /// <summary>CAs and client certificates.</summary>
    public StoreCertificates Certificates { get; init; } = StoreCertificates.None;

    public required string Username { get; init; }

    /// <summary>The password; null if the client certificate alone authenticates the user.</summary>
    public required string? Password { get; init; }

    /// <summary>The address, for messages.</summary>
    public string Address => Hosts ?? $"{Host}:{Port}";
}
