using System.Collections.Concurrent;
using Aether.Persistence.V1;
using Grpc.Core;

namespace Aether.Agent.Tests.Support;

/// <summary>
/// An agent that ends calls at a certain byte: of commits it answers each first message and, in the midst of the
/// second, ends the stream.
/// </summary>
internal sealed class CuttingAgent : StandInAgent
{
    public static readonly LogPlace Answered = new() { Epoch = 3, Sequence = 5 };

    // The least HTTP/2 allows (RFC 9113, 6.9.2): with half of it here, a client has more to send, or waits for leave.
    private const int Unread = 65535;

    private readonly Status _end;

    private CuttingAgent(Status end) => _end = end;

    /// <summary>Starts one that ends streams with that status.</summary>
    /// <param name="socketPath">Where it listens.</param>
    /// <param name="end">What it ends streams with.</param>
    /// <param name="streams">
    /// How many a connection may carry. One that was ended counts for some seconds more, as long as its client has not
    /// said that it sends no more; at twice as many the transport refuses the next and asks for calm.
    /// </param>
    public static Task<CuttingAgent> StartAsync(string socketPath, Status end, int streams = 1000) =>
        StartAsync(new CuttingAgent(end), socketPath, kestrel =>
        {
            kestrel.Limits.Http2.InitialStreamWindowSize = Unread;
            kestrel.Limits.Http2.MaxStreamsPerConnection = streams;
        });

    /// <summary>How many streams it ended in the midst of a message.</summary>
    public int Cut { get; private set; }

    /// <summary>The commits it answered; all by <see cref="Answered"/>.</summary>
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
