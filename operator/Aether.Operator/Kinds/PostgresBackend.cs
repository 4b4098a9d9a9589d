using Aether.Persistence.Contracts;

namespace Aether.Operator.Kinds;

/// <summary>PostgreSQL, and the Secret of a role that may create schemas and roles.</summary>
internal sealed class PostgresBackend : ITlsBackend
{
    public string? Host { get; set; }

    public int Port { get; set; } = 5432;

    public IList<PostgresHost>? Hosts { get; set; }

    [OneOf<PostgresTargetSession>]
    public string TargetSessionAttributes { get; set; } = nameof(PostgresTargetSession.Primary);

    [OneOf<PreparedStatements>]
    public string PreparedStatements { get; set; } = nameof(Persistence.Contracts.PreparedStatements.Auto);

    public string Database { get; set; } = "";

    [OneOf<PostgresSslMode>]
    public string SslMode { get; set; } = nameof(PostgresSslMode.VerifyFull);

    public SecretReference? CaSecretRef { get; set; }

    public SecretReference? ClientCertificateSecretRef { get; set; }

    public SecretReference? AgentClientCertificateSecretRef { get; set; }

    public SecretReference AdminSecretRef { get; set => field = value ?? new(); } = new();
}
