using System.Runtime.CompilerServices;
using Aether.Persistence.Journal;
using Aether.Persistence.Lease;
using Aether.Persistence.Wal;
using Microsoft.Extensions.Logging;

namespace Aether.Persistence.Stores.JetStream;

/// <summary>
/// The journal in a JetStream stream that the operator has created. Every message carries its writer's epoch and the
/// journal's end after it, and is stored only if the stream ends where its writer expects. A new writer leaves a claim
/// before it reads, so the next message of a former writer meets an unexpected end and is refused. A writer that meets
/// another writer's message asks the lease: an epoch alone does not prove who may write (see
/// <see cref="JetStreamEventStream"/>), unless the journal's own blocks have it.
/// </summary>
/// <remarks>
/// By default nats-server acknowledges without an fsync (docs/guarantees.md). A purge cannot be made conditional on the
/// stream's end. So a writer that is fenced between its mark and its purge still drops messages; but it drops only
/// those that no snapshot needed when it looked, and its successor does not need them either.
/// </remarks>
public sealed partial class JetStreamJournal : IJournal, IDisposable
{
    private const int Attempts = 5;

    private readonly NatsWorld _world;
    private readonly IWorldLease _lease;
    private readonly JournalStream _stream;
    private readonly ILogger _logger;

    // Held by the caller that is publishing messages. Guards the fields below.
    private readonly SemaphoreSlim _turn = new(1, 1);
    private Epoch _epoch;
    private JournalStreamEnd? _end; // null: a message with an unknown outcome was sent
    private ulong? _refused; // the server last refused a message that was to follow this one

    /// <summary>Uses the stream that the world's settings name.</summary>
    /// <exception cref="InvalidStoreSettingException">The settings name no stream.</exception>
    public JetStreamJournal(NatsWorld world, IWorldLease lease, ILogger<JetStreamJournal> logger)
    {
        _world = world;
        _lease = lease;
        _logger = logger;
        _stream = new JournalStream(world, world.JournalStream ?? throw new InvalidStoreSettingException(
            Contracts.AetherVariables.NatsJournalStream, "is missing, although the journal is in JetStream"));
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
                // The server refuses this mark if another writer has opened the world. Otherwise the mark is the last
                // message, and outlives the purge.
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
        (ulong? Position, string Id) claim = default;
        for (var attempt = 1; attempt <= Attempts; attempt++)
        {
            var end = await _stream.ReadEndAsync(cancellationToken);
            CheckPayload();
            if (end.Head.Epoch > _epoch)
                throw new FencedException(_epoch, end.Head.Epoch, "unknown");
            var hasLostCount = end.Last == _refused;
            if (end.Writer == _epoch && end.Undisputed && !hasLostCount && claim.Position is null)
                return end;

            // Confirm the lease after reading the end: a writer that opens the world from now on adds a claim after
            // that end.
            await _lease.ConfirmAsync(_epoch, cancellationToken);
            if (end.Writer == _epoch && !hasLostCount)
                return end.Last == claim.Position ? end with { LastId = claim.Id } : end;

            var (position, id) = await _stream.ClaimAsync(_epoch, cancellationToken);
            LogOpened(_stream.Name, _epoch, end.Head.Last, end.Last);
            if (!hasLostCount)
                continue;

            // The stream ends exactly where the refused message expected it to. The server's count is wrong until a
            // restart, so a sequence no longer fences; the id of a claim of our own does (ADR 0031).
            LogLostCount(_stream.Name, end.Last);
            (claim, _refused) = ((position, id), null);
        }

        throw KeepsMoving();
    }

    private async Task<JournalStreamEnd> MarkAsync(CancellationToken cancellationToken)
    {
        for (var attempt = 1; attempt <= Attempts; attempt++)
        {
            var end = await EnsureOpenAsync(_epoch, cancellationToken);
            var mark = new JournalHeaders { Writer = _epoch, Head = end.Head };
            if (await TryPublishAsync(mark, default, end, cancellationToken) is { } marked)
                return _end = marked;
        }

        throw KeepsMoving();
    }

    // An earlier attempt with an unknown outcome was stored, completely or up to one of its blocks. The position that
    // this writer remembers is not enough: if nothing is left to send, only the stream shows whether this writer was
    // fenced.
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

            if (await TryPublishAsync(block, end, cancellationToken) is { } appended)
                return _end = appended with { Head = complete };
        }

        throw KeepsMoving();
    }

    private async Task<JournalStreamEnd?> TryPublishAsync(
        LogBlock block, JournalStreamEnd end, CancellationToken cancellationToken)
    {
        var parts = BlockParts.Cut(block.Encoded);
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
            if (await TryPublishAsync(headers, parts[part], end, cancellationToken) is not { } next)
                return null;
            end = next;
        }

        return end;
    }

    // Returns the end after the message, or null if the message was refused: then the end must be read.
    private async Task<JournalStreamEnd?> TryPublishAsync(
        JournalHeaders headers, ReadOnlyMemory<byte> data, JournalStreamEnd end, CancellationToken cancellationToken)
    {
        var fence = end.Fence;
        var id = _stream.IdAfter(_epoch, fence.Sequence);
        _end = null;
        try
        {
            if (await _stream.TryPublishAsync(headers, data, fence, cancellationToken) is { } position)
                return end.MovedTo(fence.Next(position, id));
        }
        catch (StoreUnavailableException exception) when (
            fence.MessageId is not null && exception.InnerException is { } cause && StreamFence.IsFull(cause))
        {
            // Without this, each attempt on a full account would add another claim to the stream.
            _end = end.MovedTo(fence.AfterRefusal(id));
            throw;
        }

        _refused = fence.MessageId is null ? fence.Sequence : null;
        return null;
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
        const int needed = Contracts.NatsLimits.JournalMaxPayload;
        if (_world.MaxPayload is { } limit && limit < needed)
            throw new InvalidStoreSettingException(
                Contracts.AetherVariables.NatsUrl,
                $"leads to a nats-server with max_payload {limit}, but a journal in JetStream needs {needed}: raise "
                + "max_payload in the server's configuration");
    }

    private StoreUnavailableException KeepsMoving() => new(
        NatsFailures.Store, $"the end of stream {_stream.Name} kept moving under epoch {_epoch}.");

    [LoggerMessage(
        3312,
        LogLevel.Warning,
        "nats-server refuses the message after {Position} of {Stream}, although the stream ends there. Its count of "
        + "the stream is wrong, which happens in 2.10 after the account was full. The agent fences messages by their "
        + "ids now. Upgrade nats-server or restart it")]
    private partial void LogLostCount(string stream, ulong position);

    [LoggerMessage(
        3311, LogLevel.Information, "Opened {Stream} under epoch {Epoch} after commit {Last}, message {Position}")]
    private partial void LogOpened(string stream, Epoch epoch, Sequence last, ulong position);
}
