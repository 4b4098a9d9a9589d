using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Aether.Operator.Kinds;

/// <summary>Reads quantities as in other Kubernetes objects: texts or whole numbers.</summary>
internal sealed class QuantitiesConverter : JsonConverter<IDictionary<string, string>>
{
    public override IDictionary<string, string> Read(
        ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var quantities = new Dictionary<string, string>();
        if (reader.TokenType != JsonTokenType.StartObject)
            throw new JsonException("Quantities are an object.");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            _ = reader.Read();
            quantities[name] = reader.TokenType switch
            {
                JsonTokenType.String => reader.GetString()!,
                JsonTokenType.Number => Encoding.UTF8.GetString(reader.ValueSpan),
                _ => throw new JsonException($"The quantity of {name} is neither a text nor a number."),
            };
        }

        return quantities;
    }

    public override void Write(
        Utf8JsonWriter writer, IDictionary<string, string> value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        foreach (var (name, quantity) in value)
            writer.WriteString(name, quantity);
        writer.WriteEndObject();
    }
}
