namespace Aether.Operator.Kinds;

/// <summary>One of the servers of a PostgreSQL that has standbys.</summary>
internal sealed class PostgresHost
{
    public string Host { get; set; } = "";

    public int Port { get; set; } = 5432;
}
