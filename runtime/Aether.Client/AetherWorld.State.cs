using System.Runtime.CompilerServices;
using Aether.Persistence.V1;
using Grpc.Core;

namespace Aether.Client;

public sealed partial class AetherWorld
{
    /// <summary>One key, or null when it does not exist.</summary>
    /// <param name="key">The key.</param>
    /// <param name="confirmed">Answer only what is on the WAL volume: waits until the version read is synced.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<WorldEntry?> GetAsync(
        WorldKey key, bool confirmed = false, CancellationToken cancellationToken = default)
    {
        var request = new GetRequest { Key = Wire.ToWire(key), Confirmed = confirmed };
        var reply = await RepeatCallAsync(
            token => _agent.GetAsync(request, cancellationToken: token), cancellationToken);
        return reply.Found ? new WorldEntry(key, reply.Value.Memory, reply.Version) : null;
    }

    /// <summary>
    /// Waits until the commit <paramref name="sequence"/>, and with it every one before, has a durability: one wait for
    /// many commits that were acknowledged at a weaker level.
    /// </summary>
    /// <param name="sequence">A commit that was made.</param>
    /// <param name="epoch">The epoch of the <see cref="WorldCommitted"/> or <see cref="WorldState"/> it is of.</param>
    /// <param name="durability">Fsync or Replicated.</param>
    /// <param name="cancellationToken">Gives up the wait.</param>
    /// <exception cref="WriterChangedException">
    /// The agent was restarted or replaced meanwhile, and the commit may have been lost with the former one.
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
    /// How far the world is durable: at once, and again whenever that changed. Fails as <see cref="ScanAsync"/> does.
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
    /// The keys of a kind, ordered by id, as of one sequence. If the agent ends in between, so does the enumeration,
    /// with <see cref="AgentUnavailableException"/>: the rest would be as of another sequence.
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
    /// The whole state as of one sequence: what a world builds itself from at its start. Fails as
    /// <see cref="ScanAsync"/> does, or with <see cref="WorldException"/> when the agent sent less than it announced.
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
            throw new WorldException($"The agent announced {announced} keys and sent {received}.", null);
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
