using System.Text.Json;
using System.Text.Json.Serialization;
using Aether.Persistence;

namespace Aether.Cli.Output;

/// <summary>Writes an epoch as a number.</summary>
internal sealed class EpochConverter : JsonConverter<Epoch>
{
    public override Epoch Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        new(reader.GetUInt64());

    public override void Write(Utf8JsonWriter writer, Epoch value, JsonSerializerOptions options) =>
        writer.WriteNumberValue(value.Value);
}
