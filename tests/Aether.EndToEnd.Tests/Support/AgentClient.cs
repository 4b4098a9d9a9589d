using System.Net.Sockets;
using System.Text;
using Aether.Persistence.V1;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Grpc.Net.Client.Configuration;

namespace Aether.EndToEnd.Tests.Support;

/// <summary>A world's side of the socket, with the generated client only: one call, one answer.</summary>
internal sealed class AgentClient : IDisposable
{
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(30);

    private const int PublishAttempts = 20;

    // The agent serves state before its event stream is open, which waits for NATS.
    private static readonly MethodConfig PublishPatiently = new()
    {
        Names = { new MethodName { Service = "aether.persistence.v1.World", Method = "PublishEvent" } },
        RetryPolicy = new RetryPolicy
        {
            MaxAttempts = PublishAttempts,
            InitialBackoff = TimeSpan.FromMilliseconds(100),
            MaxBackoff = TimeSpan.FromSeconds(1),
            BackoffMultiplier = 2,
            RetryableStatusCodes = { StatusCode.Unavailable },
        },
    };

    private readonly GrpcChannel _channel;

    public AgentClient(string socket)
    {
        var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellationToken) =>
            {
                var connection = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await connection.ConnectAsync(new UnixDomainSocketEndPoint(socket), cancellationToken);
                return new NetworkStream(connection, ownsSocket: true);
            },
        };
        _channel = GrpcChannel.ForAddress("http://agent", new GrpcChannelOptions
        {
            HttpHandler = handler,
            MaxRetryAttempts = PublishAttempts,
            ServiceConfig = new ServiceConfig { MethodConfigs = { PublishPatiently } },
        });
        World = new World.WorldClient(_channel);
    }

    public World.WorldClient World { get; }

    /// <summary>Commits one value under an id of kind <c>thing</c>.</summary>
    public async Task<CommitReply> PutAsync(string id, string value, Durability durability, TimeSpan? timeout = null) =>
        await World.CommitAsync(
            new CommitRequest
            {
                Durability = durability,
                Mutations =
                {
                    new Mutation
                    {
                        Key = new StateKey { Kind = "thing", Id = id },
                        Put = ByteString.CopyFromUtf8(value),
                    },
                },
            },
            deadline: Deadline(timeout ?? CallTimeout),
            cancellationToken: TestContext.Current.CancellationToken);

    /// <summary>The value under an id of kind <c>thing</c>; null if there is none.</summary>
    public async Task<string?> GetAsync(string id)
    {
        var reply = await World.GetAsync(
            new GetRequest { Key = new StateKey { Kind = "thing", Id = id } },
            deadline: Deadline(CallTimeout),
            cancellationToken: TestContext.Current.CancellationToken);
        return reply.Found ? Encoding.UTF8.GetString(reply.Value.Span) : null;
    }

    /// <summary>All ids of kind <c>thing</c>.</summary>
    public async Task<IReadOnlySet<string>> IdsAsync()
    {
        var ids = new HashSet<string>();
        using var scan = World.Scan(
            new ScanRequest { Kind = "thing" },
            deadline: Deadline(CallTimeout),
            cancellationToken: TestContext.Current.CancellationToken);
        await foreach (var entry in scan.ResponseStream.ReadAllAsync(TestContext.Current.CancellationToken))
            ids.Add(entry.Key.Id);
        return ids;
    }

    /// <summary>Publishes an empty event.</summary>
    public async Task PublishAsync(string type, TimeSpan? timeout = null) => await World.PublishEventAsync(
        new PublishEventRequest { Type = type },
        deadline: Deadline(timeout ?? CallTimeout),
        cancellationToken: TestContext.Current.CancellationToken);

    /// <summary>Type of the oldest event that is kept.</summary>
    public async Task<string> OldestEventAsync()
    {
        using var events = World.SubscribeEvents(
            new SubscribeEventsRequest(),
            deadline: Deadline(CallTimeout),
            cancellationToken: TestContext.Current.CancellationToken);
        Assert.True(await events.ResponseStream.MoveNext(TestContext.Current.CancellationToken));
        return events.ResponseStream.Current.Type;
    }

    /// <summary>The agent's status.</summary>
    public async Task<StatusReply> StatusAsync() => await World.StatusAsync(
        new StatusRequest(),
        deadline: Deadline(CallTimeout),
        cancellationToken: TestContext.Current.CancellationToken);

    /// <inheritdoc />
    public void Dispose() => _channel.Dispose();

    private static DateTime Deadline(TimeSpan timeout) => TimeProvider.System.GetUtcNow().UtcDateTime + timeout;
}
