using Aether.TestServers;
using Aether.TestServers.Certificates;
using Npgsql;

namespace Aether.Operator.Tests.Provisioning.Postgres;

/// <summary>PostgreSQL with a certificate of a private CA and with the pg_hba.conf of a test.</summary>
public sealed class PrivateCaServer : IAsyncLifetime
{
    private readonly TestAuthority _authority = new();

    public PrivateCaServer() =>
        Postgres = new PostgresServer(new PostgresServerOptions { Certificate = _authority.Issue() });

    /// <summary>The user in the tests' rules; the superuser may always log in.</summary>
    public static string User => "tested";

    public PostgresServer Postgres { get; }

    private string Rules => Path.Combine(Postgres.Folder, "data", "pg_hba.conf");

    public async ValueTask InitializeAsync()
    {
        await Postgres.StartAsync(CancellationToken.None);
        // For rules with client certificates: PostgreSQL accepts such rules only if it has a CA to check them with.
        var file = Path.Combine(Postgres.Folder, "clients-ca.pem");
        await File.WriteAllTextAsync(file, _authority.Pem);
        await ReloadAsync($"ALTER SYSTEM SET ssl_ca_file = '{file}'");
        await ReloadAsync($"CREATE ROLE {User} LOGIN PASSWORD '{Postgres.AdminPassword}'");
    }

    /// <summary>Replaces all rules except the superuser's by one rule.</summary>
    public async Task AdmitAsync(string rule)
    {
        await File.WriteAllTextAsync(Rules, $"host all {Postgres.AdminUsername} all scram-sha-256\n{rule}\n");
        await ReloadAsync("SELECT 1");
    }

    public async ValueTask DisposeAsync()
    {
        await Postgres.DisposeAsync();
        _authority.Dispose();
    }

    // The postmaster has read the rule once it decides on a new session.
    private async Task ReloadAsync(string statement)
    {
        await using var data = NpgsqlDataSource.Create(Postgres.AdminConnectionString + ";Pooling=false");
        await using var connection = await data.OpenConnectionAsync();
        await using (var command = new NpgsqlCommand(statement, connection))
            await command.ExecuteNonQueryAsync();
        await using (var command = new NpgsqlCommand("SELECT pg_conf_load_time()", connection))
        {
            var before = (DateTime)(await command.ExecuteScalarAsync())!;
            await using (var reload = new NpgsqlCommand("SELECT pg_reload_conf()", connection))
                await reload.ExecuteNonQueryAsync();
            while (((DateTime)(await command.ExecuteScalarAsync())!) <= before)
                await Task.Yield();
        }
    }
}
