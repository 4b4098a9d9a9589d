using Google.Protobuf;
using Grpc.Core;

namespace Aether.Agent.Grpc;

/// <summary>Writes an answer of many messages.</summary>
internal static class ManyMessages
{
    /// <summary>Most bytes that stand ready before they leave together; a larger message leaves with them.</summary>
    public const int MaxReadyBytes = 64 << 10;

    private static readonly WriteOptions Later = new(WriteFlags.BufferHint);
    private static readonly WriteOptions Now = new();

    /// <summary>
    /// Writes all of them, each made when it is its turn; <paramref name="wait"/> bounds the wait for one to leave.
    /// Only what leaves waits for a slow reader: what is written to
    /// leave later stays in memory until then, however much it is.
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
