using StackExchange.Redis;

namespace Aether.Operator.Provisioning.Redis;

/// <summary>An ACL user as reported by ACL GETUSER.</summary>
internal sealed class RedisUser
{
    public required IReadOnlyList<string> Flags { get; init; }

    /// <summary>SHA-256 hashes in hexadecimal.</summary>
    public required IReadOnlyList<string> Passwords { get; init; }

    public required string Commands { get; init; }

    public required IReadOnlyList<string> Keys { get; init; }

    public required IReadOnlyList<string> Channels { get; init; }

    public required bool HasSelectors { get; init; }

    /// <summary>Parses the reply, in which names and values alternate; null if the user does not exist.</summary>
    public static RedisUser? Read(RedisResult reply)
    {
        if (reply.IsNull)
            return null;

        var fields = new Dictionary<string, RedisResult>();
        for (var i = 0; i + 1 < reply.Length; i += 2)
            fields[(string?)reply[i] ?? ""] = reply[i + 1];
        return new RedisUser
        {
            Flags = Words(fields, "flags"),
            Passwords = Words(fields, "passwords"),
            Commands = (string?)fields.GetValueOrDefault("commands") ?? "",
            Keys = Words(fields, "keys"),
            Channels = Words(fields, "channels"),
            HasSelectors = fields.GetValueOrDefault("selectors") is { IsNull: false, Length: > 0 },
        };
    }

    private static string[] Words(Dictionary<string, RedisResult> fields, string name) =>
        fields.GetValueOrDefault(name) switch
        {
            null or { IsNull: true } => [],
            { Resp2Type: ResultType.Array } list => [.. ((RedisResult[]?)list ?? []).Select(item => item.ToString())],
            var text => ((string?)text ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries),
        };
}
