using System.Globalization;
using NATS.Client.JetStream.Models;

namespace Aether.Persistence.Stores.JetStream;

/// <summary>The end of a stream, and the writer of its last message.</summary>
/// <param name="Last">Sequence of the last message ever stored, whether or not it still exists.</param>
/// <param name="Epoch">Epoch of that message's writer; null if the message has expired.</param>
internal sealed record StreamEnd(ulong Last, Epoch? Epoch)
{
    /// <summary>Header of every message: the epoch of its writer.</summary>
    public const string EpochHeader = "Aether-Epoch";

    private const int MessageNotFound = 10037;

    public static async ValueTask<StreamEnd> ReadAsync(NatsWorld world, CancellationToken cancellationToken)
    {
        var stream = await world.JetStream.GetStreamAsync(world.Stream, cancellationToken: cancellationToken);
        var last = checked((ulong)stream.Info.State.LastSeq);
        if (last == 0)
            return new StreamEnd(0, null);
        try
        {
            var stored = await stream.GetAsync(new StreamMsgGetRequest { Seq = last }, cancellationToken);
            return new StreamEnd(last, EpochOf(stored.Message.Hdrs));
        }
        catch (NATS.Client.JetStream.NatsJSApiException exception) when (exception.Error.ErrCode == MessageNotFound)
        {
            return new StreamEnd(last, null);
        }
    }

    private static Epoch? EpochOf(string? headers) =>
        StoredHeaders.Read(headers).TryGetValue(EpochHeader, out var text)
        && ulong.TryParse(text.ToString(), CultureInfo.InvariantCulture, out var epoch)
            ? new Epoch(epoch)
            : null;
}
