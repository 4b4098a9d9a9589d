using System.Text.Json;
using System.Text.Json.Serialization;

namespace Aether.Operator.Provisioning;

/// <summary>The mark on every store object of a world that names its owner.</summary>
/// <param name="Owner">UID of the WorldPersistence.</param>
/// <param name="World">Its namespace and name, for users.</param>
internal sealed record OwnerMark(string Owner, string World)
{
    /// <summary>Most identities that a mark keeps: the one for new data, and the newest of the others.</summary>
    public const int MostIdentities = 16;

    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    /// <summary>
    /// The identity that the world's data carries; null if it is the owner's UID. Only the mark of the schema holds it.
    /// The resource that created the schema sets it once, and no adoption changes it.
    /// </summary>
    public string? Identity { get; init; }

    /// <summary>Other identities that the world's data may carry; null for none.</summary>
    public IReadOnlyList<string>? Formerly { get; init; }

    /// <summary>All identities; new data gets the first.</summary>
    [JsonIgnore]
    public IReadOnlyList<string> Identities => [Identity ?? Owner, .. Formerly ?? []];

    /// <summary>The mark of <paramref name="owner"/>.</summary>
    public static OwnerMark Of(WorldOwner owner) => new(owner.Uid, owner.World);

    /// <summary>The mark of a schema: its owner, and the identities that its data carries.</summary>
    public static OwnerMark Of(WorldOwner owner, IReadOnlyList<string> identities) => Of(owner) with
    {
        Identity = identities[0] == owner.Uid ? null : identities[0],
        Formerly = identities.Count > 1 ? [.. identities.Skip(1)] : null,
    };

    /// <summary>Parses a mark; null if the text is not a mark.</summary>
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
