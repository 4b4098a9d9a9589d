using System.Text.Json;

namespace Aether.Operator.Provisioning;

/// <summary>What is written into every store of a world to say whose it is.</summary>
/// <param name="Owner">UID of the WorldPersistence.</param>
/// <param name="World">Its namespace and name, for people.</param>
internal sealed record OwnerMark(string Owner, string World)
{
    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web);

    /// <summary>The mark of <paramref name="owner"/>.</summary>
    public static OwnerMark Of(WorldOwner owner) => new(owner.Uid, owner.World);

    /// <summary>Reads a mark; null if the text is none, whoever wrote it.</summary>
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
