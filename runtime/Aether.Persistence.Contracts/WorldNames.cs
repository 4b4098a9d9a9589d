using System.Security.Cryptography;
using System.Text;

namespace Aether.Persistence.Contracts;

/// <summary>
/// The names of a world in every store, derived only from its namespace and name. Each holds a readable part and a hash
/// of both, so that no two worlds share a name, however long their names are, and no derived name is longer than
/// PostgreSQL's 63 bytes.
/// </summary>
public sealed record WorldNames
{
    private const int ReadableCharacters = 40;
    private const int HashCharacters = 12;
    private const string ReportToken = "report";
    private const string SchemaPrefix = "aether_";
    private const string Base32 = "abcdefghijklmnopqrstuvwxyz234567";

    private WorldNames(string @namespace, string name)
    {
        Namespace = @namespace;
        Name = name;
        Id = $"{Readable(@namespace, name)}_{Hash($"{@namespace}/{name}")}";
    }

    /// <summary>Namespace of the world.</summary>
    public string Namespace { get; }

    /// <summary>Name of the world.</summary>
    public string Name { get; }

    /// <summary>The common part of all names: at most 53 lower-case letters, digits and underscores.</summary>
    public string Id { get; }

    /// <summary>PostgreSQL schema. Quote it nevertheless.</summary>
    public string Schema => SchemaPrefix + Id;

    /// <summary>PostgreSQL login role. Quote it nevertheless.</summary>
    public string Role => $"aether_{Id}";

    /// <summary>Redis ACL user.</summary>
    public string RedisUser => $"aether_{Id}";

    /// <summary>Prefix of every Redis key; the braces keep a world in one cluster slot.</summary>
    public string RedisKeyPrefix => $"aether:{{{Id}}}:";

    /// <summary>JetStream stream of the world's events.</summary>
    public string EventStream => $"AETHER_{Id}_EVENTS";

    /// <summary>JetStream stream of the world's journal, if its journal is in JetStream.</summary>
    public string JournalStream => $"AETHER_{Id}_JOURNAL";

    /// <summary>Prefix of every NATS subject of the world, with the dot.</summary>
    public string SubjectPrefix => $"aether.{Id}.";

    /// <summary>
    /// Subjects of the reports of all its agents; like all subjects with the prefix, they belong to the world.
    /// </summary>
    public string ReportSubjects => $"{SubjectPrefix}{ReportToken}.*";

    /// <summary>
    /// Prefix of the subjects on which NATS answers the world, without a dot at the end. Each world has its own, so
    /// that its credentials can be limited to it and no world reads another's answers.
    /// </summary>
    public string InboxPrefix => InboxPrefixOf(SubjectPrefix);

    /// <summary>The world's Secret, in its own namespace.</summary>
    public string Secret => SecretFor(Name);

    /// <summary>Names for the world <paramref name="name"/> in <paramref name="namespace"/>.</summary>
    /// <exception cref="ArgumentException">A part is empty.</exception>
    public static WorldNames For(string @namespace, string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(@namespace);
        ArgumentException.ThrowIfNullOrEmpty(name);
        return new WorldNames(@namespace, name);
    }

    /// <summary>
    /// Subject on which the agent in <paramref name="pod"/> reports, in the world with this
    /// <see cref="SubjectPrefix"/>. A pod's name has no underscores, but may have dots, which would make several
    /// tokens.
    /// </summary>
    public static string ReportSubject(string subjectPrefix, string pod)
    {
        ArgumentException.ThrowIfNullOrEmpty(subjectPrefix);
        ArgumentException.ThrowIfNullOrEmpty(pod);
        return $"{subjectPrefix}{ReportToken}.{pod.Replace('.', '_')}";
    }

    /// <summary>The <see cref="Id"/> in a <see cref="ReportSubject"/>; null if the subject is not one.</summary>
    public static string? IdOfReportSubject(string subject)
    {
        ArgumentNullException.ThrowIfNull(subject);
        return subject.Split('.') is ["aether", var id, ReportToken, { Length: > 0 }] ? id : null;
    }

    /// <summary>The <see cref="Id"/> in a <see cref="Schema"/>; null if the schema is not a world's.</summary>
    public static string? IdOfSchema(string schema)
    {
        ArgumentNullException.ThrowIfNull(schema);
        return schema.StartsWith(SchemaPrefix, StringComparison.Ordinal) ? schema[SchemaPrefix.Length..] : null;
    }

    /// <summary>The <see cref="InboxPrefix"/> of the world with this <see cref="SubjectPrefix"/>.</summary>
    public static string InboxPrefixOf(string subjectPrefix)
    {
        ArgumentException.ThrowIfNullOrEmpty(subjectPrefix);
        var trimmed = subjectPrefix.TrimEnd('.');
        return "_INBOX_" + trimmed[(trimmed.LastIndexOf('.') + 1)..];
    }

    // The names of a world and of a Secret may both have 253 characters, so a long name is cut to make room for the
    // suffix.
    private static string SecretFor(string name)
    {
        const string suffix = "-aether";
        const int longest = 253;
        return name.Length + suffix.Length <= longest
            ? name + suffix
            : $"{name[..(longest - suffix.Length - HashCharacters - 1)].TrimEnd('-', '.')}-{Hash(name)}{suffix}";
    }

    private static string Readable(string @namespace, string name)
    {
        var text = $"{@namespace}_{name}";
        var cut = text.Length <= ReadableCharacters ? text : text[..ReadableCharacters];
        return string.Concat(cut.Select(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) ? c : '_'));
    }

    private static string Hash(string text)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(text));
        return string.Create(HashCharacters, hash, static (target, source) =>
        {
            for (var i = 0; i < target.Length; i++)
                target[i] = Base32[source[i] & 31];
        });
    }
}
