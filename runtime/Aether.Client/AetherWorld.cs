using System.Net.Sockets;
using Aether.Persistence.V1;
using Grpc.Core;
using Grpc.Net.Client;

namespace Aether.Client;

/// <summary>
/// A world's connection to the agent beside it. Thread-safe; create one and keep it. It survives a restart of the
/// agent: calls wait and are repeated according to <see cref="RetryPolicy"/>.
/// </summary>
public sealed partial class AetherWorld : IAsyncDisposable
{
    private static readonly TimeSpan LongestTimer = TimeSpan.FromDays(49);

    private readonly AetherWorldOptions _options;
    private readonly LogPlaceTracker _seen = new();
    private readonly CancellationTokenSource _disposal = new();
    private readonly GrpcChannel _channel;
    private readonly World.WorldClient _agent;

    private AetherWorld(AetherWorldOptions options)
    {
        _options = options;
        _room = new CommitRoom(options.MaxUnansweredBytes);
        _channel = GrpcChannel.ForAddress("http://localhost", new GrpcChannelOptions
        {
            HttpHandler = new SocketsHttpHandler
            {
                ConnectCallback = (_, cancellationToken) => OpenSocketAsync(options, cancellationToken),
                UseProxy = false,

                // One connection carries a limited number of calls at once; without more connections, further calls
                // would wait for others to end.
                EnableMultipleHttp2Connections = true,

                // With these values a silent agent is noticed within the limit even if the handler is late at both
                // steps: it checks every quarter of the shorter time, or once a second.
                KeepAlivePingDelay = options.SilenceLimit / 4,
                KeepAlivePingTimeout = options.SilenceLimit / 2,
                KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
            },
            DisposeHttpClient = true,
            MaxReceiveMessageSize = null,
        });
        _agent = new World.WorldClient(_channel);
    }

    /// <summary>Connects to the agent and waits until it has recovered the state.</summary>
    /// <param name="options">How to reach the agent; null uses the variables that the operator has set.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="AgentUnavailableException">
    /// The agent was not ready within <see cref="AetherWorldOptions.ReadyTimeout"/>; the message says what it was
    /// doing.
    /// </exception>
    public static async Task<AetherWorld> ConnectAsync(
        AetherWorldOptions? options = null, CancellationToken cancellationToken = default)
    {
        var world = new AetherWorld(options ?? new AetherWorldOptions());
        try
        {
            await world.WaitUntilRunningAsync(cancellationToken);
            return world;
        }
        catch
        {
            await world.DisposeAsync();
            throw;
        }
    }

    /// <summary>The agent's status and that of the world. The agent answers in every phase.</summary>
    public async Task<AgentStatus> StatusAsync(CancellationToken cancellationToken = default) =>
        Wire.ToStatus(await RepeatCallAsync(
            token => _agent.StatusAsync(new StatusRequest(), cancellationToken: token), cancellationToken));

    /// <summary>Takes a snapshot now; completes when it is stored.</summary>
    public async Task<WorldSnapshot> SnapshotAsync(CancellationToken cancellationToken = default) =>
        Wire.ToSnapshot(await RepeatCallAsync(
            token => _agent.SnapshotAsync(new SnapshotRequest(), cancellationToken: token), cancellationToken));

    /// <summary>
    /// Ends the connection, and every open call with <see cref="ObjectDisposedException"/>. Commits without an answer
    /// may or may not have been applied: await them first, or dispose their <see cref="WorldCommitStream"/>.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        await _disposal.CancelAsync();
        _channel.Dispose();
        WorldCommitStream? commits;
        lock (_opening)
            commits = _commits;
        if (commits is not null)
            await commits.DisposeAsync();
    }

    private static async ValueTask<Stream> OpenSocketAsync(
        AetherWorldOptions options, CancellationToken cancellationToken)
    {
        var path = options.SocketPath;
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken);
            return new AgentStream(socket, options.SilenceLimit * 0.75);
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw new IOException($"No agent listens on '{path}': {e.Message}", e);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private async Task WaitUntilRunningAsync(CancellationToken cancellationToken)
    {
        var budget = (_options.Retry with { Deadline = _options.ReadyTimeout }).Start(
            _options.Clock, _disposal.Token);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await using var timer = _options.Clock.CreateTimer(
            _ => patience.Cancel(),
            null,
            _options.ReadyTimeout < LongestTimer ? _options.ReadyTimeout : LongestTimer,
            Timeout.InfiniteTimeSpan);
        while (true)
        {
            string found;
            Exception? cause = null;
            try
            {
                var status = await _agent.StatusAsync(new StatusRequest(), cancellationToken: patience.Token);
                if (status.Phase == Phase.Running)
                {
                    _seen.Record(status.Epoch, status.Sequence);
                    return;
                }

                found = $"it is {status.Phase}";
            }
            catch (RpcException) when (cancellationToken.IsCancellationRequested)
            {
                throw new OperationCanceledException(cancellationToken);
            }
            catch (RpcException e) when (patience.IsCancellationRequested)
            {
                // The kernel accepts connections even for a frozen agent, so only the missing answer shows that it is
                // frozen.
                found = "it did not answer";
                cause = e;
            }
            catch (Exception e) when (Refusal.IsOutage(e))
            {
                found = Refusal.Detail(e);
                cause = e;
            }
            catch (RpcException e)
            {
                throw Refusal.From(e);
            }

            if (!await budget.WaitAsync(cancellationToken))
            {
                throw new AgentUnavailableException(
                    $"The agent at '{_options.SocketPath}' was not ready within {_options.ReadyTimeout}: {found}",
                    cause);
            }
        }
    }

    /// <summary>Starts a call whose answers are read one by one.</summary>
    private AsyncServerStreamingCall<TReply> Begin<TReply>(
        Func<AsyncServerStreamingCall<TReply>> call, CancellationToken cancellationToken)
    {
        try
        {
            return call();
        }
        catch (Exception e) when (Refusal.GivenUp(e, cancellationToken, _disposal.Token) is { } end)
        {
            throw end;
        }
    }

    /// <summary>Makes a call, and repeats it until the agent answers.</summary>
    private Task<TReply> RepeatCallAsync<TReply>(
        Func<CancellationToken, AsyncUnaryCall<TReply>> call, CancellationToken cancellationToken)
    {
        return RepeatAsync(AttemptAsync, cancellationToken);

        async Task<TReply> AttemptAsync(CancellationToken token)
        {
            using var attempt = call(token);
            return await attempt;
        }
    }

    /// <summary>Runs an action, and repeats it until the agent answers.</summary>
    private async Task<TReply> RepeatAsync<TReply>(
        Func<CancellationToken, Task<TReply>> attempt, CancellationToken cancellationToken)
    {
        RetryBudget? budget = null;
        while (true)
        {
            try
            {
                return await attempt(cancellationToken);
            }
            catch (Exception e) when (Refusal.GivenUp(e, cancellationToken, _disposal.Token) is { } end)
            {
                throw end;
            }
            catch (Exception e) when (Refusal.IsOutage(e))
            {
                budget ??= _options.Retry.Start(_options.Clock, _disposal.Token);
                if (!await budget.WaitAsync(cancellationToken))
                    throw Refusal.Unavailable(e);
            }
            catch (RpcException e)
            {
                throw Refusal.From(e);
            }
        }
    }
}
