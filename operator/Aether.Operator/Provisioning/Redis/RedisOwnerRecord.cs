using System.Text.Json;

namespace Aether.Operator.Provisioning.Redis;

/// <summary>
/// The operator's record of a world, at a key that the world's user cannot write. It holds the prefix's owner, and the
/// rules as sent and as the server reported them, so that a change of either is detected.
/// </summary>
/// <param name="Owner">UID of the WorldPersistence.</param>
/// <param name="World">Its namespace and name, for users.</param>
/// <param name="Rules">Command rules as sent; null until the user was created.</param>
/// <param name="Commands">Command rules as the server reported them.</param>
internal sealed record RedisOwnerRecord(string Owner, string World, string? Rules, string? Commands)
{
    /// <summary>Why the server did not write the new user to its file; null if it did, or has no file.</summary>
    public string? NotSaved { get; init; }

    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web);

    public OwnerMark Mark => new(Owner, World);

    /// <summary>Parses a record; null if the text is not a record.</summary>
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
