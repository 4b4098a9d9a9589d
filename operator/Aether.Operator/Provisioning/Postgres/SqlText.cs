using System.Text;

namespace Aether.Operator.Provisioning.Postgres;

/// <summary>Quotes names and texts for statements that take no parameters. All DDL uses it.</summary>
internal static class SqlText
{
    private const int IdentifierBytes = 63;

    /// <summary>The quoted name of a schema, role, table or database.</summary>
    /// <exception cref="ArgumentException">PostgreSQL would refuse the name, or truncate it to another.</exception>
    public static string Identifier(string name)
    {
        if (name.Length == 0 || name.Contains('\0') || Encoding.UTF8.GetByteCount(name) > IdentifierBytes)
            throw new ArgumentException(
                $"'{name}' is not a PostgreSQL identifier: it needs 1 to {IdentifierBytes} bytes without NUL.",
                nameof(name));
        return $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }

    /// <summary>A quoted text that reads the same for any standard_conforming_strings.</summary>
    public static string Literal(string text)
    {
        if (text.Contains('\0'))
            throw new ArgumentException("PostgreSQL does not support texts with NUL.", nameof(text));

        var quoted = text.Replace("'", "''", StringComparison.Ordinal);
        return quoted.Contains('\\') ? $" E'{quoted.Replace(@"\", @"\\", StringComparison.Ordinal)}'" : $"'{quoted}'";
    }
}
