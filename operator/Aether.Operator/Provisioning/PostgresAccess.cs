using Aether.Operator.Kinds;
using Aether.Persistence.Contracts;

namespace Aether.Operator.Provisioning;

/// <summary>Where PostgreSQL is and who administers it. Not a record, so that nothing prints it.</summary>
internal sealed class PostgresAccess
{
    public required string Host { get; init; }

    public required int Port { get; init; }

    /// <summary>Several servers, as <c>host:port</c> with commas between; null: there is one.</summary>
    public string? Hosts { get; init; }

    /// <summary>Which of several servers is used.</summary>
    public PostgresTargetSession TargetSession { get; init; }

    /// <summary>Whether agents prepare statements; the operator prepares none.</summary>
    public PreparedStatements PreparedStatements { get; init; }

    public required string Database { get; init; }

    public required PostgresSslMode SslMode { get; init; }

    /// <summary>CAs and client certificates.</summary>
    public StoreCertificates Certificates { get; init; } = StoreCertificates.None;

    public required string Username { get; init; }

    /// <summary>Password; null where the client certificate alone admits the user.</summary>
    public required string? Password { get; init; }

    /// <summary>Where it is, for messages.</summary>
    public string Address => Hosts ?? $"{Host}:{Port}";
}
