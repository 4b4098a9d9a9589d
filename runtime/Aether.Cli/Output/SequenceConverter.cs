using System.Text.Json;
using System.Text.Json.Serialization;
using Aether.Persistence;

namespace Aether.Cli.Output;

/// <summary>Writes a commit's position as a number.</summary>
internal sealed class SequenceConverter : JsonConverter<Sequence>
{
    public override Sequence Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        new(reader.GetUInt64());

    public override void Write(Utf8JsonWriter writer, Sequence value, JsonSerializerOptions options) =>
        writer.WriteNumberValue(value.Value);
}
