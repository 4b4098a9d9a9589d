using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace Aether.Client;

/// <summary>
/// The connection to the agent. It closes itself if the agent accepts none of a write for too long: otherwise calls
/// queued behind that write would keep waiting although the handler has given the connection up.
/// </summary>
internal sealed class AgentStream(Socket socket, TimeSpan longest) : NetworkStream(socket, ownsSocket: true)
{
    private volatile bool _isSilent;

    /// <inheritdoc />
    /// <exception cref="SilentAgentException">A write was given up, perhaps while this read was waiting.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            return await base.ReadAsync(buffer, cancellationToken);
        }
        catch (Exception) when (_isSilent)
        {
            // The handler ends all calls with the first failure that it sees, and that may be this one.
            throw new SilentAgentException();
        }
    }

    /// <inheritdoc />
    /// <exception cref="SilentAgentException">This write, or an earlier one, was given up.</exception>
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_isSilent)
            throw new SilentAgentException();
        var writing = base.WriteAsync(buffer, cancellationToken);
        return writing.IsCompletedSuccessfully ? writing : WithinLimitAsync(writing.AsTask());
    }

    // A cancelled write ends by itself. Returning earlier would let the caller change the bytes that are being written.
    private async ValueTask WithinLimitAsync(Task writing)
    {
        try
        {
            await writing.WaitAsync(longest, TimeProvider.System);
        }
        catch (TimeoutException)
        {
            _isSilent = true;
            await DisposeAsync();
            throw new SilentAgentException();
        }
    }
}
