using Aether.TestServers;

namespace Aether.Persistence.Stores.Tests.Tls;

/// <summary>Servers of a private CA that accept every user with a password.</summary>
public sealed class TlsServers : TlsStores
{
    public TlsServers() => PostgresElsewhere = Add(
        new PostgresServer(PostgresOptions with { Certificate = Authority.Issue("elsewhere") }));

    /// <summary>PostgreSQL with a certificate of another host.</summary>
    public PostgresServer PostgresElsewhere { get; }
}
