using System.Net.Sockets;

namespace Aether.Client;

/// <summary>
/// The connection to the agent, which closes itself when the agent takes nothing of a write for too long. Calls whose
/// beginning waits behind such a write would otherwise wait on, although the handler has given the connection up.
/// </summary>
internal sealed class AgentStream(Socket socket, TimeSpan longest) : NetworkStream(socket, ownsSocket: true)
{
    /// <inheritdoc />
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var writing = base.WriteAsync(buffer, cancellationToken);
        return writing.IsCompletedSuccessfully ? writing : WithinLimitAsync(writing.AsTask());
    }

    // A cancelled write ends by itself: to return earlier would let the caller change what is being written.
    private async ValueTask WithinLimitAsync(Task writing)
    {
        try
        {
            await writing.WaitAsync(longest, TimeProvider.System);
        }
        catch (TimeoutException)
        {
            await DisposeAsync();
            throw new SilentAgentException();
        }
    }
}
