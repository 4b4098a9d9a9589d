using Aether.TestServers;

namespace Aether.Persistence.Stores.Tests.Tls;

/// <summary>Servers of a private CA that let anybody in who has a password.</summary>
public sealed class TlsServers : TlsStores
{
    public TlsServers() => PostgresElsewhere = Add(
        new PostgresServer(PostgresOptions with { Certificate = Authority.Issue("elsewhere") }));

    /// <summary>PostgreSQL whose certificate is another host's.</summary>
    public PostgresServer PostgresElsewhere { get; }
}
