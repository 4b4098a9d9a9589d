using Aether.TestServers;
using Npgsql;

namespace Aether.Operator.Tests;

/// <summary>Reads the logs of servers, which reach their files with a delay.</summary>
internal static class ServerLogs
{
    /// <summary>
    /// Everything that a PostgreSQL has logged so far. A marker line shows that all earlier lines were written.
    /// </summary>
    public static async Task<string[]> ReadAsync(PostgresServer server, CancellationToken cancellationToken)
    {
        var marker = $"marker {Guid.NewGuid():N}";
        await using var admin = NpgsqlDataSource.Create(server.AdminConnectionString);
        await using var mark = admin.CreateCommand($"DO $$ BEGIN RAISE LOG '{marker}'; END $$");
        await mark.ExecuteNonQueryAsync(cancellationToken);
        await server.Process!.WaitForLineAsync(
            line => line.EndsWith(marker, StringComparison.Ordinal), TestServer.ClientPatience, cancellationToken);
        return await File.ReadAllLinesAsync(server.LogFile, cancellationToken);
    }

    /// <summary>Stops a nats-server and reads its whole log.</summary>
    public static async Task<string[]> StopAndReadAsync(NatsServer server, CancellationToken cancellationToken)
    {
        await server.StopAsync();
        await server.Process!.OutputEnded.WaitAsync(cancellationToken);
        return await File.ReadAllLinesAsync(server.Process.ErrorFile, cancellationToken);
    }
}
