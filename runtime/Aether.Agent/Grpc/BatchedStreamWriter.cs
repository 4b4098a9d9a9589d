using Google.Protobuf;
using Grpc.Core;

namespace Aether.Agent.Grpc;

/// <summary>Writes the messages of a streamed answer in batches, and flushes once per batch.</summary>
internal static class BatchedStreamWriter
{
    /// <summary>Bytes after which a batch is flushed; the message that reaches them is part of the batch.</summary>
    public const int MaxReadyBytes = 64 << 10;

    private static readonly WriteOptions Later = new(WriteFlags.BufferHint);
    private static readonly WriteOptions Now = new();

    /// <summary>
    /// Writes all messages, and enumerates each only when it is written; <paramref name="wait"/> limits the wait for a
    /// write. Only a flush waits for a slow reader: a message written without a flush stays in memory until the next
    /// one, whatever its size.
    /// </summary>
    public static async Task WriteAllAsync<T>(
        this IServerStreamWriter<T> stream,
        IEnumerable<T> messages,
        Func<Task, CancellationToken, Task> wait,
        CancellationToken cancellationToken)
        where T : IMessage
    {
        var ready = 0;
        foreach (var message in messages)
        {
            ready += message.CalculateSize();
            stream.WriteOptions = ready < MaxReadyBytes ? Later : Now;
            await wait(stream.WriteAsync(message, CancellationToken.None), cancellationToken);
            if (ready >= MaxReadyBytes)
                ready = 0;
        }
    }
}
