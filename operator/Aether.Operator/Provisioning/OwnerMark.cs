using System.Text.Json;
using System.Text.Json.Serialization;

namespace Aether.Operator.Provisioning;

/// <summary>What is written into every store of a world to say whose it is.</summary>
/// <param name="Owner">UID of the WorldPersistence.</param>
/// <param name="World">Its namespace and name, for people.</param>
internal sealed record OwnerMark(string Owner, string World)
{
    /// <summary>Most identities that a mark keeps: the one that new data gets, and the newest of the others.</summary>
    public const int MostIdentities = 16;

    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    /// <summary>
    /// The identity that the world's data carries; null where it is the owner's UID. Only the mark of the schema says
    /// it: it is made once, by the resource that made the schema, and no adoption changes it.
    /// </summary>
    public string? Identity { get; init; }

    /// <summary>Other identities that the world's data may carry; null for none.</summary>
    public IReadOnlyList<string>? Formerly { get; init; }

    /// <summary>All identities; the first is the one that new data gets.</summary>
    [JsonIgnore]
    public IReadOnlyList<string> Identities => [Identity ?? Owner, .. Formerly ?? []];

    /// <summary>The mark of <paramref name="owner"/>.</summary>
    public static OwnerMark Of(WorldOwner owner) => new(owner.Uid, owner.World);

    /// <summary>The mark of a schema: the one of its owner, and which identities the data in it carries.</summary>
    public static OwnerMark Of(WorldOwner owner, IReadOnlyList<string> identities) => Of(owner) with
    {
        Identity = identities[0] == owner.Uid ? null : identities[0],
        Formerly = identities.Count > 1 ? [.. identities.Skip(1)] : null,
    };

    /// <summary>Reads a mark; null if the text is not a mark.</summary>
    public static OwnerMark? Parse(string? text)
    {
        if (string.IsNullOrWhiteSpace(text))
            return null;

        try
        {
            return JsonSerializer.Deserialize<OwnerMark>(text, Format) is { Owner.Length: > 0 } mark ? mark : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The mark as text: one line of JSON.</summary>
    public override string ToString() => JsonSerializer.Serialize(this, Format);
}
