using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Aether.Persistence.State;

namespace Aether.Cli.Output;

/// <summary>Writes a digest as 32 hex digits.</summary>
internal sealed class DigestConverter : JsonConverter<StateDigest>
{
    public override StateDigest Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        new(UInt128.Parse(reader.GetString()!, NumberStyles.HexNumber, CultureInfo.InvariantCulture));

    public override void Write(Utf8JsonWriter writer, StateDigest value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString());
}
