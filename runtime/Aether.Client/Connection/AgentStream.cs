using System.Net.Sockets;

namespace Aether.Client;

/// <summary>
/// The connection to the agent. It closes itself if the agent accepts none of a write for too long: otherwise calls
/// queued behind that write would keep waiting although the handler has given the connection up.
/// </summary>
internal sealed class AgentStream(Socket socket, TimeSpan longest) : NetworkStream(socket, ownsSocket: true)
{
    /// <inheritdoc />
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
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
            await DisposeAsync();
            throw new SilentAgentException();
        }
    }
}
