using System.Runtime.CompilerServices;
using Aether.Persistence.V1;
using Grpc.Core;

namespace Aether.Client;

public sealed partial class AetherWorld
{
    /// <summary>Reads one key; null if it does not exist.</summary>
    /// <param name="key">The key.</param>
    /// <param name="confirmed">Whether to wait until the version that was read is synced to the WAL volume.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<WorldEntry?> GetAsync(
        WorldKey key, bool confirmed = false, CancellationToken cancellationToken = default)
    {
        var request = new GetRequest { Key = Wire.ToWire(key), Confirmed = confirmed };
        var reply = await RepeatCallAsync(
            token => _agent.GetAsync(request, cancellationToken: token), cancellationToken);
        return reply.Found ? new WorldEntry(key, reply.Value.Memory, reply.Version) : null;
    }

    /// <summary>
    /// Waits until the commit <paramref name="sequence"/>, and every commit before it, has a durability: one wait for
    /// many commits that were acknowledged at a weaker level.
    /// </summary>
    /// <param name="sequence">The commit.</param>
    /// <param name="epoch">
    /// The epoch in the <see cref="WorldCommitted"/> or <see cref="WorldState"/> that named the sequence.
    /// </param>
    /// <param name="durability">Fsync or Replicated.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="WriterChangedException">
    /// The agent was restarted or replaced meanwhile, and the commit may have been lost.
    /// </exception>
    public async Task<WorldWatermarks> WaitForAsync(
        ulong sequence, ulong epoch, WorldDurability durability = WorldDurability.Fsync,
        CancellationToken cancellationToken = default)
    {
        var request = new WaitForRequest
        {
            Sequence = sequence,
            Epoch = epoch,
            Durability = (Durability)durability,
        };
        return Wire.ToWatermarks(
            await RepeatCallAsync(token => _agent.WaitForAsync(request, cancellationToken: token), cancellationToken));
    }

    /// <summary>
    /// Yields the watermarks at once, and again whenever they change. Fails like <see cref="ScanAsync"/>.
    /// </summary>
    public async IAsyncEnumerable<WorldWatermarks> WatchWatermarksAsync(
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var call = Begin(
            () => _agent.WatchWatermarks(new WatchWatermarksRequest(), cancellationToken: cancellationToken),
            cancellationToken);
        while (await MoveNextAsync(call.ResponseStream, cancellationToken))
            yield return Wire.ToWatermarks(call.ResponseStream.Current);
    }

    /// <summary>
    /// The keys of a kind, ordered by id, as of one sequence. If the agent ends meanwhile, the enumeration ends with
    /// <see cref="AgentUnavailableException"/>, because the rest would be as of another sequence.
    /// </summary>
    public async IAsyncEnumerable<WorldEntry> ScanAsync(
        string kind, string idPrefix = "", [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var request = new ScanRequest
        {
            Kind = Wire.ToWire(kind, nameof(kind)),
            IdPrefix = Wire.ToWire(idPrefix, nameof(idPrefix)),
        };
        using var call = Begin(() => _agent.Scan(request, cancellationToken: cancellationToken), cancellationToken);
        while (await MoveNextAsync(call.ResponseStream, cancellationToken))
            yield return Wire.ToEntry(call.ResponseStream.Current);
    }

    /// <summary>
    /// The whole state as of one sequence, from which a world starts. Fails like <see cref="ScanAsync"/>, or with
    /// <see cref="WorldException"/> if the agent sent less than it announced.
    /// </summary>
    public async Task<WorldState> RecoverAsync(CancellationToken cancellationToken = default)
    {
        var call = Begin(
            () => _agent.Recover(new RecoverRequest(), cancellationToken: cancellationToken), cancellationToken);
        try
        {
            if (!await MoveNextAsync(call.ResponseStream, cancellationToken)
                || call.ResponseStream.Current.Header is not { } header)
            {
                throw new WorldException("The agent's recovery did not begin with a header.", null);
            }

            return new WorldState(
                header.Sequence, header.Epoch, header.Keys, ReadEntriesAsync(call, header.Keys, cancellationToken));
        }
        catch
        {
            call.Dispose();
            throw;
        }
    }

    private async IAsyncEnumerable<WorldEntry> ReadEntriesAsync(
        AsyncServerStreamingCall<RecoverReply> call, ulong announced,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var _ = call;
        var received = 0UL;
        while (await MoveNextAsync(call.ResponseStream, cancellationToken))
        {
            received++;
            yield return Wire.ToEntry(call.ResponseStream.Current.Entry);
        }

        if (received != announced)
            throw new WorldException($"The agent announced {announced} keys, but sent {received}.", null);
    }

    private Task<bool> MoveNextAsync<T>(IAsyncStreamReader<T> stream, CancellationToken cancellationToken) =>
        AnsweredAsync(() => stream.MoveNext(cancellationToken), cancellationToken);

    private async Task<T> AnsweredAsync<T>(Func<Task<T>> part, CancellationToken cancellationToken)
    {
        try
        {
            return await part();
        }
        catch (Exception e) when (Refusal.GivenUp(e, cancellationToken, _disposal.Token) is { } end)
        {
            throw end;
        }
        catch (Exception e) when (Refusal.IsOutage(e))
        {
            throw Refusal.Unavailable(e);
        }
        catch (RpcException e)
        {
            throw Refusal.From(e);
        }
    }
}
