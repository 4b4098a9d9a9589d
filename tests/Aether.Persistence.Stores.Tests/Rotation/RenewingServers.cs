using Aether.Persistence.Stores.Tests.Tls;
using Aether.TestServers.Certificates;
using Npgsql;

namespace Aether.Persistence.Stores.Tests.Rotation;

/// <summary>Servers whose certificates are renewed.</summary>
public sealed class RenewingServers : TlsStores
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Makes a server present another certificate.</summary>
    public Task UseCertificateAsync(string store, ServerCertificate certificate) => store switch
    {
        "postgres" => Postgres.UseCertificateAsync(certificate, Cancellation),
        "redis" => Redis.UseCertificateAsync(certificate, Cancellation),
        _ => Nats.UseCertificateAsync(certificate, Cancellation),
    };

    /// <summary>Closes all connections; nats-server can do that only by a restart.</summary>
    public async Task EndConnectionsAsync(string store)
    {
        switch (store)
        {
            case "postgres":
                await using (var admin = NpgsqlDataSource.Create(Postgres.AdminConnectionString))
                await using (var command = admin.CreateCommand(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"))
                    await command.ExecuteNonQueryAsync(Cancellation);
                break;
            case "redis":
                await Redis.EndConnectionsAsync(Redis.AdminUsername, Cancellation);
                break;
            default:
                await Nats.StopAsync();
                await Nats.StartAsync(Cancellation);
                break;
        }
    }
}
