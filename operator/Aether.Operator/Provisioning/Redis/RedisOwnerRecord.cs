using System.Text.Json;

namespace Aether.Operator.Provisioning.Redis;

/// <summary>
/// What the operator keeps about a world at a key that the world's own user cannot write: whose the prefix is, and what
/// the server made of the rules last sent, so that a change of either shows.
/// </summary>
/// <param name="Owner">UID of the WorldPersistence.</param>
/// <param name="World">Its namespace and name, for people.</param>
/// <param name="Rules">Command rules as sent; null until the user was made.</param>
/// <param name="Commands">Command rules as the server gave them back.</param>
internal sealed record RedisOwnerRecord(string Owner, string World, string? Rules, string? Commands)
{
    /// <summary>Why the server did not write the new user to its file; null if it did, or has none.</summary>
    public string? NotSaved { get; init; }

    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web);

    public OwnerMark Mark => new(Owner, World);

    /// <summary>Reads a record; null if the text is none.</summary>
    public static RedisOwnerRecord? Parse(string? text)
    {
        if (string.IsNullOrEmpty(text))
            return null;

        try
        {
            return JsonSerializer.Deserialize<RedisOwnerRecord>(text, Format) is { Owner.Length: > 0 } read
                ? read
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public override string ToString() => JsonSerializer.Serialize(this, Format);
}
