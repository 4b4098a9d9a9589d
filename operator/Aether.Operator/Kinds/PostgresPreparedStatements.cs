namespace Aether.Operator.Kinds;

/// <summary>Whether agents have PostgreSQL keep their statements.</summary>
internal enum PostgresPreparedStatements
{
    /// <summary>Where no pooler is between.</summary>
    Auto,

    /// <summary>Never.</summary>
    Never,
}
