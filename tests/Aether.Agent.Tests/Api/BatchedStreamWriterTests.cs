using Aether.Agent.Grpc;
using Aether.Persistence.V1;
using Google.Protobuf;
using Grpc.Core;

namespace Aether.Agent.Tests.Api;

[Trait("Kind", "Unit")]
public sealed class BatchedStreamWriterTests
{
    [Theory]
    [InlineData(100)]
    [InlineData(20_000)]
    [InlineData(1 << 20)]
    public async Task Answers_that_wait_for_a_slow_reader_are_bounded(int valueBytes)
    {
        var stream = new CountingStream();
        var entry = new StateEntry { Value = ByteString.CopyFrom(new byte[valueBytes]) };

        await stream.WriteAllAsync(
            Enumerable.Repeat(entry, 2000), static (write, _) => write, TestContext.Current.CancellationToken);

        Assert.Equal(2000, stream.Messages);
        Assert.InRange(stream.MostReady, 1, BatchedStreamWriter.MaxReadyBytes + entry.CalculateSize());
        Assert.InRange(stream.Flushes, 1, 2000L * entry.CalculateSize() / BatchedStreamWriter.MaxReadyBytes);
    }

    /// <summary>
    /// Behaves like the server: a message written with a buffer hint stays in memory until one is written without it.
    /// </summary>
    private sealed class CountingStream : IServerStreamWriter<StateEntry>
    {
        private long _ready;

        public WriteOptions? WriteOptions { get; set; }

        public int Messages { get; private set; }

        public long Flushes { get; private set; }

        public long MostReady { get; private set; }

        public Task WriteAsync(StateEntry message, CancellationToken cancellationToken) => WriteAsync(message);

        public Task WriteAsync(StateEntry message)
        {
            Messages++;
            _ready += message.CalculateSize();
            MostReady = Math.Max(MostReady, _ready);
            if (WriteOptions?.Flags.HasFlag(WriteFlags.BufferHint) != true)
            {
                Flushes++;
                _ready = 0;
            }

            return Task.CompletedTask;
        }
    }
}
