using Aether.TestServers;
using Npgsql;

namespace Aether.Operator.Tests;

/// <summary>Reads what servers have logged. What a server writes reaches its file some time later.</summary>
internal static class ServerLogs
{
    /// <summary>All that a PostgreSQL has logged so far: a line of our own, once it is there, comes after it.</summary>
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

    /// <summary>Stops a nats-server and reads all that it logged.</summary>
    public static async Task<string[]> StopAndReadAsync(NatsServer server, CancellationToken cancellationToken)
    {
        await server.StopAsync();
        await server.Process!.OutputEnded.WaitAsync(cancellationToken);
        return await File.ReadAllLinesAsync(server.Process.ErrorFile, cancellationToken);
    }
}
