using System.Runtime.CompilerServices;
using Aether.Persistence.Journal;
using Aether.Persistence.Lease;
using Aether.Persistence.Wal;
using Microsoft.Extensions.Logging;

namespace Aether.Persistence.Stores.JetStream;

/// <summary>
/// The journal in a JetStream stream that the operator has made. Every message carries its writer's epoch and where the
/// journal ends with it, and is stored only where its writer believes the stream to end. A new writer leaves a claim
/// before it reads, so the next message of a former one meets another end than it expects and is refused. Who meets a
/// message of another there asks the lease: an epoch alone says nothing of who may write (see
/// <see cref="JetStreamEventStream"/>), unless the journal's own blocks have it.
/// </summary>
/// <remarks>
/// The acknowledgement of nats-server is no fsync unless it is told so (docs/guarantees.md). A purge cannot be made to
/// depend on the stream's end: that of a writer fenced between its mark and its purge still drops what no snapshot
/// needed when it looked, which its successor does not need either.
/// </remarks>
public sealed partial class JetStreamJournal : IJournal, IDisposable
{
    private const int Attempts = 5;

    private readonly NatsWorld _world;
    private readonly IWorldLease _lease;
    private readonly JournalStream _stream;
    private readonly ILogger _logger;

    // Held while messages are under way; guards the fields below.
    private readonly SemaphoreSlim _turn = new(1, 1);
    private Epoch _epoch;
    private JournalStreamEnd? _end; // null: something of unknown outcome was sent

    /// <summary>The journal in the stream that the world's settings name.</summary>
    /// <exception cref="InvalidStoreSettingException">They name none.</exception>
    public JetStreamJournal(NatsWorld world, IWorldLease lease, ILogger<JetStreamJournal> logger)
    {
        _world = world;
        _lease = lease;
        _logger = logger;
        _stream = new JournalStream(world, world.JournalStream ?? throw new InvalidStoreSettingException(
            Contracts.AetherVariables.NatsJournalStream, "is missing, and the journal lies in JetStream"));
    }

    /// <inheritdoc />
    public Task OpenAsync(Epoch epoch, CancellationToken cancellationToken) =>
        InTurnAsync(() => EnsureOpenAsync(epoch, cancellationToken), cancellationToken);

    /// <inheritdoc />
    public async Task<JournalHead> ReadHeadAsync(CancellationToken cancellationToken) =>
        (await InTurnAsync(
            async () => _end ?? await _stream.ReadEndAsync(cancellationToken), cancellationToken)).Head;

    /// <inheritdoc />
    public async IAsyncEnumerable<LogBlock> ReadAfterAsync(
        Sequence after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var end = await _stream.ReadEndAsync(cancellationToken);
        if (end.Head.Last <= after)
            yield break;
        var first = await _stream.FindBlockAfterAsync(after, end, cancellationToken);
        var parts = new BlockParts();
        await foreach (var (headers, data) in _stream.ReadAsync(first, end.Kept, cancellationToken))
        {
            if (parts.Add(headers, data) is { } block && block.Last > after)
                yield return block;
        }
    }

    /// <inheritdoc />
    public Task AppendAsync(Epoch epoch, IReadOnlyList<LogBlock> blocks, CancellationToken cancellationToken)
    {
        if (blocks.Count == 0)
            return Task.CompletedTask;
        JournalGapException.ThrowUnlessDense(blocks);
        return InTurnAsync(
            async () =>
            {
                var end = await EnsureOpenAsync(epoch, cancellationToken);
                if (blocks[0].First <= end.Head.Last)
                    return await AppendRestAsync(blocks, cancellationToken);
                foreach (var block in blocks)
                    end = await AppendAsync(block, cancellationToken);
                return end;
            },
            cancellationToken);
    }

    /// <inheritdoc />
    public Task TruncateThroughAsync(Epoch epoch, Sequence sequence, CancellationToken cancellationToken) =>
        InTurnAsync(
            async () =>
            {
                await EnsureOpenAsync(epoch, cancellationToken);
                // Refused if this writer is a former one; and the last message then outlives the purge.
                var end = await MarkAsync(cancellationToken);
                var first = end.Head.Last <= sequence
                    ? end.Last
                    : await _stream.FindBlockAfterAsync(sequence, end, cancellationToken);
                if (first > end.First)
                    await _stream.PurgeBeforeAsync(first, cancellationToken);
                _end = end with { First = first };
                return _end;
            },
            cancellationToken);

    /// <inheritdoc />
    public void Dispose() => _turn.Dispose();

    private async Task<JournalStreamEnd> InTurnAsync(
        Func<Task<JournalStreamEnd>> action, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            return await action();
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task<JournalStreamEnd> EnsureOpenAsync(Epoch epoch, CancellationToken cancellationToken)
    {
        if (_epoch != epoch)
        {
            _epoch = epoch;
            _end = null;
        }

        return _end ??= await FindEndAsync(cancellationToken);
    }

    private async Task<JournalStreamEnd> FindEndAsync(CancellationToken cancellationToken)
    {
        for (var attempt = 1; attempt <= Attempts; attempt++)
        {
            var end = await _stream.ReadEndAsync(cancellationToken);
            CheckPayload();
            if (end.Head.Epoch > _epoch)
                throw new FencedException(_epoch, end.Head.Epoch, "unknown");
            if (end.Writer == _epoch && end.Undisputed)
                return end;

            // Asked after the end was read: who opens the world from now on leaves a claim behind that end.
            await _lease.ConfirmAsync(_epoch, cancellationToken);
            if (end.Writer == _epoch)
                return end;

            await _stream.ClaimAsync(_epoch, cancellationToken);
            LogOpened(_stream.Name, _epoch, end.Head.Last, end.Last);
        }

        throw KeepsMoving();
    }

    private async Task<JournalStreamEnd> MarkAsync(CancellationToken cancellationToken)
    {
        for (var attempt = 1; attempt <= Attempts; attempt++)
        {
            var end = await EnsureOpenAsync(_epoch, cancellationToken);
            var mark = new JournalHeaders { Writer = _epoch, Head = end.Head };
            _end = null;
            if (await _stream.TryPublishAsync(mark, default, end.Last, cancellationToken) is { } position)
                return _end = end with { Last = position, Kept = position };
        }

        throw KeepsMoving();
    }

    // An earlier attempt of unknown outcome has landed, whole or up to one of its blocks. What this writer remembers
    // does not count: where nothing is left to send, only the stream tells whether it was fenced.
    private async Task<JournalStreamEnd> AppendRestAsync(
        IReadOnlyList<LogBlock> blocks, CancellationToken cancellationToken)
    {
        _end = null;
        var end = await EnsureOpenAsync(_epoch, cancellationToken);
        var rest = blocks.SkipWhile(block => block.Last <= end.Head.Last).ToList();
        if (rest.Count < blocks.Count
            && !await ContainsAsync(blocks[blocks.Count - rest.Count - 1], end, cancellationToken))
            throw new JournalGapException(end.Head.Last, blocks[0].First);
        foreach (var block in rest)
            end = await AppendAsync(block, cancellationToken);
        return end;
    }

    private async Task<JournalStreamEnd> AppendAsync(LogBlock block, CancellationToken cancellationToken)
    {
        for (var attempt = 1; attempt <= Attempts; attempt++)
        {
            var end = await EnsureOpenAsync(_epoch, cancellationToken);
            var complete = new JournalHead(block.Last, block.Epoch, block.Digest);
            if (end.Head == complete)
                return end;
            if (end.Head.Last.Next != block.First)
                throw new JournalGapException(end.Head.Last, block.First);

            _end = null;
            if (await TryPublishAsync(block, end, cancellationToken) is { } last)
                return _end = end with { Last = last, Kept = last, Head = complete };
        }

        throw KeepsMoving();
    }

    private async Task<ulong?> TryPublishAsync(
        LogBlock block, JournalStreamEnd end, CancellationToken cancellationToken)
    {
        var parts = BlockParts.Cut(block.Encoded);
        var last = end.Last;
        for (var part = 0; part < parts.Count; part++)
        {
            var headers = new JournalHeaders
            {
                Writer = _epoch,
                Head = part < parts.Count - 1 ? end.Head : new JournalHead(block.Last, block.Epoch, block.Digest),
                Block = block,
                Part = part,
                Parts = parts.Count,
            };
            if (await _stream.TryPublishAsync(headers, parts[part], last, cancellationToken) is not { } position)
                return null;
            last = position;
        }

        return last;
    }

    private async Task<bool> ContainsAsync(
        LogBlock block, JournalStreamEnd end, CancellationToken cancellationToken)
    {
        var wanted = new JournalHead(block.Last, block.Epoch, block.Digest);
        if (end.Head == wanted)
            return true;
        var position = await _stream.FindAsync(block.Last, end, cancellationToken);
        return position >= end.First
            && (await _stream.ReadHeadAsync(position, end.First, cancellationToken)).Head == wanted;
    }

    private void CheckPayload()
    {
        const int needed = BlockParts.PartBytes + 4096;
        if (_world.MaxPayload is { } limit && limit < needed)
            throw new InvalidStoreSettingException(
                Contracts.AetherVariables.NatsUrl,
                $"leads to a nats-server with max_payload {limit}, and a journal needs {needed}: raise it there");
    }

    private StoreUnavailableException KeepsMoving() => new(
        NatsFailures.Store, $"the end of stream {_stream.Name} kept moving under epoch {_epoch}.");

    [LoggerMessage(
        3311, LogLevel.Information, "Opened {Stream} under epoch {Epoch} behind commit {Last}, message {Position}")]
    private partial void LogOpened(string stream, Epoch epoch, Sequence last, ulong position);
}
