using System.Diagnostics.CodeAnalysis;

namespace Aether.Persistence.Contracts;

/// <summary>A NATS user's JWT and seed, as the text of a creds file.</summary>
/// <param name="Jwt">Token signed by the user's account.</param>
/// <param name="Seed">The user's secret key: SU...</param>
public sealed record NatsCredentials(string Jwt, string Seed)
{
    private const string JwtTitle = "NATS USER JWT";
    private const string SeedTitle = "USER NKEY SEED";

    /// <summary>Text of the creds file, which contains the secret.</summary>
    public string Format() =>
        $"""
        -----BEGIN {JwtTitle}-----
        {Jwt}
        ------END {JwtTitle}------

        The seed below proves who a client is. Treat it like a password.

        -----BEGIN {SeedTitle}-----
        {Seed}
        ------END {SeedTitle}------

        """;

    /// <summary>
    /// Reads the output of <see cref="Format"/> or of another tool; returns false if a part is missing or the seed is
    /// malformed.
    /// </summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out NatsCredentials? credentials)
    {
        var lines = text.Split('\n', StringSplitOptions.TrimEntries);
        credentials = LineAfter(lines, JwtTitle) is { } jwt && LineAfter(lines, SeedTitle) is { } seed
            && NatsKeyText.IsSeed(seed)
            ? new NatsCredentials(jwt, seed)
            : null;
        return credentials is not null;
    }

    /// <summary>Keeps the seed out of logs and messages.</summary>
    public override string ToString() => "NATS credentials (not shown)";

    private static string? LineAfter(string[] lines, string title)
    {
        var begin = Array.FindIndex(lines, line => line.Contains($"BEGIN {title}", StringComparison.Ordinal));
        return begin >= 0 && begin + 1 < lines.Length && lines[begin + 1] is { Length: > 0 } line ? line : null;
    }
}
