using System.Text;

namespace Aether.Operator.Provisioning.Postgres;

/// <summary>Quotes what goes into statements that take no parameters. All DDL goes through here.</summary>
internal static class SqlText
{
    private const int IdentifierBytes = 63;

    /// <summary>A name of a schema, role, table or database, quoted.</summary>
    /// <exception cref="ArgumentException">PostgreSQL would refuse the name, or cut it and so mean another.</exception>
    public static string Identifier(string name)
    {
        if (name.Length == 0 || name.Contains('\0') || Encoding.UTF8.GetByteCount(name) > IdentifierBytes)
            throw new ArgumentException(
                $"'{name}' is no PostgreSQL identifier: it needs 1 to {IdentifierBytes} bytes without NUL.",
                nameof(name));
        return $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }

    /// <summary>A text, quoted so that it reads the same whatever standard_conforming_strings says.</summary>
    public static string Literal(string text)
    {
        if (text.Contains('\0'))
            throw new ArgumentException("PostgreSQL has no texts with NUL.", nameof(text));

        var quoted = text.Replace("'", "''", StringComparison.Ordinal);
        return quoted.Contains('\\') ? $" E'{quoted.Replace(@"\", @"\\", StringComparison.Ordinal)}'" : $"'{quoted}'";
    }
}
