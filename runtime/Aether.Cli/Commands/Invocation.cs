using System.Buffers;
using System.Text;
using System.Text.Json;
using Aether.Cli.Output;

namespace Aether.Cli.Commands;

/// <summary>One run of a command: its volume and its outputs.</summary>
internal sealed record Invocation
{
    public required OpenedVolume Volume { get; init; }

    public required OutputFormat Format { get; init; }

    public required TextWriter Output { get; init; }

    public required TextWriter Errors { get; init; }

    public required TimeProvider Clock { get; init; }

    public bool IsJson => Format == OutputFormat.Json;

    /// <summary>Writes a result as JSON.</summary>
    public void WriteJson<T>(T result, Action<Utf8JsonWriter, T> write)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes))
            write(json, result);
        Output.WriteLine(Encoding.UTF8.GetString(bytes.WrittenSpan));
    }
}
