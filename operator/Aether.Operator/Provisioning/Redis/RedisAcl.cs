using System.Security.Cryptography;
using System.Text;

namespace Aether.Operator.Provisioning.Redis;

/// <summary>The rules of a world's ACL user.</summary>
/// <remarks>
/// The last key pattern matches no existing key. It carries the owner's UID within the user itself, where it survives a
/// FLUSHALL that deletes the owner record.
/// </remarks>
internal sealed class RedisAcl(RedisNames names)
{
    /// <summary>
    /// Commands that a world may use: data and scripts, but none that reads or changes keys outside its prefix. SCAN,
    /// RANDOMKEY and DBSIZE ignore key patterns, and functions belong to the whole server. INFO lets a client detect
    /// whether it is connected to a primary.
    /// </summary>
    public const string Commands =
        "-@all +@read +@write +@connection +@transaction -@admin -@dangerous -function -scan -randomkey -dbsize "
        + "+eval +evalsha +eval_ro +evalsha_ro +script|load +script|exists +info";

    private const string MarkPattern = "%R~";

    /// <summary>Key patterns of the user of the owner <paramref name="uid"/>.</summary>
    public IReadOnlyList<string> Keys(string uid) => [$"~{names.KeyPrefix}*", $"{MarkPattern}{names.OwnerKey}#{uid}"];

    /// <summary>All rules of the user, for one command, so that the user never exists with only some of them.</summary>
    public IReadOnlyList<string> Rules(string uid, string password) =>
        ["reset", "on", $"#{Hash(password)}", .. Keys(uid), "resetchannels", .. Commands.Split(' ')];

    /// <summary>The owner's UID in a user's key patterns; null if there is none.</summary>
    public string? OwnerOf(RedisUser user)
    {
        var start = $"{MarkPattern}{names.OwnerKey}#";
        return user.Keys.FirstOrDefault(key => key.StartsWith(start, StringComparison.Ordinal))?[start.Length..];
    }

    /// <summary>The differences of a user.</summary>
    public IEnumerable<string> Compare(RedisUser user, string uid, string password, RedisOwnerRecord? record)
    {
        foreach (var complaint in CompareLogin(user, uid, password))
            yield return complaint;
        if (record?.Rules != Commands || Normal(record.Commands) != Normal(user.Commands))
            yield return "has other commands";
    }

    /// <summary>
    /// The differences of a user except its commands, which servers of other versions list differently.
    /// </summary>
    public IEnumerable<string> CompareLogin(RedisUser user, string uid, string password)
    {
        if (!user.Flags.Contains("on"))
            yield return "is off";
        if (user.Flags.Contains("nopass") || user.Passwords is not [var hash] || hash != Hash(password))
            yield return "has another password";
        if (!user.Keys.ToHashSet().SetEquals(Keys(uid)))
            yield return "has other key patterns";
        if (user.Channels.Count > 0)
            yield return "may use channels";
        if (user.HasSelectors)
            yield return "has selectors";
    }

    // Redis 7.0 lists single commands in another order after each restart. The order of categories matters.
    private static string Normal(string? commands)
    {
        var words = new List<string>();
        var singles = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var word in (commands ?? "").Split(' '))
        {
            if (!word.Contains('@', StringComparison.Ordinal))
            {
                singles.Add(word);
                continue;
            }

            words.AddRange(singles);
            singles.Clear();
            words.Add(word);
        }

        return string.Join(' ', words.Concat(singles));
    }

    private static string Hash(string password) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(password)));
}
