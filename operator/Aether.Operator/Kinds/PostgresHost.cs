namespace Aether.Operator.Kinds;

/// <summary>One server of a PostgreSQL with standbys.</summary>
internal sealed class PostgresHost
{
    public string Host { get; set; } = "";

    public int Port { get; set; } = 5432;
}
