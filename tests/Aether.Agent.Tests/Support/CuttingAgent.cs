using System.Collections.Concurrent;
using Aether.Persistence.V1;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Aether.Agent.Tests.Support;

/// <summary>
/// Stands in for an agent where a real one cannot be made to end a call at a certain byte: of commits it answers each
/// first message and, in the midst of the second, ends the stream.
/// </summary>
internal sealed class CuttingAgent : World.WorldBase, IAsyncDisposable
{
    public static readonly LogPlace Answered = new() { Epoch = 3, Sequence = 5 };

    // The least HTTP/2 allows (RFC 9113, 6.9.2): with half of it here, a client has more to send, or waits for leave.
    private const int Unread = 65535;

    private readonly WebApplication _app;
    private readonly Status _end;

    private CuttingAgent(string socketPath, Status end, int streams)
    {
        SocketPath = socketPath;
        _end = end;
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.Http2.InitialStreamWindowSize = Unread;
            kestrel.Limits.Http2.MaxStreamsPerConnection = streams;
            kestrel.ListenUnixSocket(socketPath, listener => listener.Protocols = HttpProtocols.Http2);
        });
        builder.Services.AddRoutingCore();
        builder.Services.AddGrpc();
        builder.Services.AddSingleton(this);
        _app = builder.Build();
        _app.UseRouting();
        _app.MapGrpcService<CuttingAgent>();
    }

    /// <summary>Starts one that ends streams with that status.</summary>
    /// <param name="socketPath">Where it listens.</param>
    /// <param name="end">What it ends streams with.</param>
    /// <param name="streams">
    /// How many a connection may carry. One that was ended counts for some seconds more, as long as its client has not
    /// said that it sends no more; at twice as many the transport refuses the next and asks for calm.
    /// </param>
    public static async Task<CuttingAgent> StartAsync(string socketPath, Status end, int streams = 1000)
    {
        var agent = new CuttingAgent(socketPath, end, streams);
        await agent._app.StartAsync(TestContext.Current.CancellationToken);
        return agent;
    }

    public string SocketPath { get; }

    /// <summary>How many streams it ended in the midst of a message.</summary>
    public int Cut { get; private set; }

    /// <summary>The commits it answered; all by <see cref="Answered"/>.</summary>
    public ConcurrentQueue<CommitRequest> Commits { get; } = new();

    public override Task<StatusReply> Status(StatusRequest request, ServerCallContext context) =>
        Task.FromResult(new StatusReply { Phase = Phase.Running });

    public override async Task CommitStream(
        IAsyncStreamReader<StreamCommitRequest> requestStream, IServerStreamWriter<StreamCommitReply> responseStream,
        ServerCallContext context)
    {
        await requestStream.MoveNext(context.CancellationToken);
        foreach (var commit in requestStream.Current.Commits)
            Commits.Enqueue(commit.Commit);
        var reply = new StreamCommitReply();
        reply.Answers.AddRange(requestStream.Current.Commits.Select(commit => new StreamCommitAnswer
        {
            RequestId = commit.RequestId,
            Committed = new CommitReply { Epoch = Answered.Epoch, Sequence = Answered.Sequence },
        }));
        await responseStream.WriteAsync(reply, context.CancellationToken);

        var second = await context.GetHttpContext().Request.BodyReader.ReadAtLeastAsync(
            Unread / 2, context.CancellationToken);
        if (second.Buffer.IsEmpty)
            return;

        Cut++;
        throw new RpcException(_end);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
