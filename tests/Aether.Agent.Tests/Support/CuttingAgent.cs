using System.Collections.Concurrent;
using Aether.Persistence.V1;
using Grpc.Core;

namespace Aether.Agent.Tests.Support;

/// <summary>
/// An agent that ends calls at a certain byte: on each stream it answers the first message, and ends the stream in the
/// middle of the second.
/// </summary>
internal sealed class CuttingAgent : StandInAgent
{
    public static readonly LogPlace Answered = new() { Epoch = 3, Sequence = 5 };

    // The minimum of HTTP/2 (RFC 9113, 6.9.2): when half of it has arrived here, a client has more to send, or waits
    // for permission.
    private const int Unread = 65535;

    private readonly Status _end;

    private CuttingAgent(Status end) => _end = end;

    /// <summary>Starts an agent that ends streams with that status.</summary>
    /// <param name="socketPath">Path of its socket.</param>
    /// <param name="end">The status with which it ends streams.</param>
    /// <param name="streams">
    /// How many streams a connection may carry. An ended stream counts for some seconds more, until its client has
    /// closed its side; at twice as many the transport refuses the next and asks the client to slow down.
    /// </param>
    public static Task<CuttingAgent> StartAsync(string socketPath, Status end, int streams = 1000) =>
        StartAsync(new CuttingAgent(end), socketPath, kestrel =>
        {
            kestrel.Limits.Http2.InitialStreamWindowSize = Unread;
            kestrel.Limits.Http2.MaxStreamsPerConnection = streams;
        });

    /// <summary>Number of streams that it ended in the middle of a message.</summary>
    public int Cut { get; private set; }

    /// <summary>The commits that it received; those counted by <see cref="Answered"/> were answered.</summary>
    public ConcurrentQueue<CommitRequest> Commits { get; } = new();

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
}
