using Aether.Agent.Events;
using Aether.Persistence;
using Aether.Persistence.Events;
using Aether.Persistence.Runtime;

namespace Aether.Agent.Worlds;

/// <summary>
/// The world's events for both surfaces: validated, and available only once this writer has opened their stream. If a
/// newer writer has opened the stream, the world is fenced.
/// </summary>
internal sealed partial class WorldEvents(
    IEventStream stream, PersistenceRuntime runtime, TimeProvider clock, ILogger<WorldEvents> logger)
{
    private const string Backend = "events";

    private volatile BackendStatus _status = new(Backend, Healthy: false, "not opened yet");
    private volatile bool _open;

    /// <summary>Whether the last use of the stream succeeded; null if the world has no events.</summary>
    public BackendStatus? Status => stream is NoEventStream ? null : _status;

    /// <summary>Opens the stream for this writer; retries until the store answers.</summary>
    /// <exception cref="FencedException">A newer writer has opened the stream.</exception>
    public async Task OpenAsync(Epoch epoch, CancellationToken cancellationToken)
    {
        try
        {
            await Backoff.RetryAsync(
                () => stream.OpenAsync(epoch, cancellationToken),
                outage =>
                {
                    if (_status.Message != outage.Message)
                        LogUnavailable(outage.Message);
                    _status = new BackendStatus(Backend, Healthy: false, outage.Message);
                },
                clock,
                cancellationToken);
            _open = true;
            _status = new BackendStatus(Backend, Healthy: true, "");
        }
        catch (FencedException e)
        {
            runtime.Fence(e);
            throw;
        }
    }

    /// <exception cref="InvalidRequestException">Type or size is not allowed.</exception>
    /// <exception cref="StoreUnavailableException">The stream does not exist, or is not open yet.</exception>
    /// <exception cref="FencedException">A newer writer has opened the world.</exception>
    public async Task<ulong> PublishAsync(
        string type, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        CheckLength("type", type);
        if (!EventTypes.IsType(type))
        {
            throw new InvalidRequestException(
                "type",
                $"'{type}' must be 1 to {EventTypes.MaxCharacters} characters: parts of letters, digits, '_' and '-', "
                + "with dots between them");
        }

        if (data.Length > EventTypes.MaxDataBytes)
        {
            throw new InvalidRequestException(
                "data", $"{data.Length} bytes, must be 0 to {EventTypes.MaxDataBytes}",
                EventTypes.MaxDataBytes, data.Length);
        }

        ThrowUnlessOpen();
        try
        {
            var position = await stream.PublishAsync(type, data, cancellationToken);
            _status = new BackendStatus(Backend, Healthy: true, "");
            return position;
        }
        catch (StoreUnavailableException e)
        {
            _status = new BackendStatus(Backend, Healthy: false, e.Message);
            throw;
        }
        catch (FencedException e)
        {
            runtime.Fence(e);
            throw;
        }
    }

    /// <exception cref="InvalidRequestException">The filter is invalid.</exception>
    /// <exception cref="StoreUnavailableException">The stream does not exist, or is not open yet.</exception>
    /// <exception cref="UnknownEventPositionException">
    /// The stream was recreated and ends before the position.
    /// </exception>
    public Task<IAsyncEnumerable<WorldEvent>> SubscribeAsync(
        string filter, ulong afterEventSequence, CancellationToken cancellationToken)
    {
        CheckLength("type_filter", EventTypes.Stem(filter));
        if (!EventTypes.IsFilter(filter))
            throw new InvalidRequestException("type_filter", $"'{filter}' must be a type, a type with '.*', or empty");
        ThrowUnlessOpen();
        return stream.SubscribeAsync(filter, afterEventSequence, cancellationToken);
    }

    // Do not repeat a text of arbitrary length to the caller: a client that receives more headers than it accepts
    // closes the connection, and with it every other call on it.
    private static void CheckLength(string field, string text)
    {
        if (text.Length > EventTypes.MaxCharacters)
        {
            throw new InvalidRequestException(
                field, $"{text.Length} characters, must be at most {EventTypes.MaxCharacters}",
                EventTypes.MaxCharacters, text.Length);
        }
    }

    private void ThrowUnlessOpen()
    {
        if (!_open)
            throw new StoreUnavailableException(Backend, _status.Message);
    }

    [LoggerMessage(1010, LogLevel.Warning, "Events cannot be published yet: {Reason}")]
    private partial void LogUnavailable(string reason);
}
