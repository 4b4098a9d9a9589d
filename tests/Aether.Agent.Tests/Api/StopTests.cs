using Aether.Agent.Tests.Support;
using Aether.Persistence.V1;
using Aether.TestServers;
using Google.Protobuf;
using Grpc.Core;

namespace Aether.Agent.Tests.Api;

/// <summary>
/// An agent that is asked to stop in the midst of commits. Which of its last answers and the end of its streams comes
/// first is a race; hence rounds.
/// </summary>
public sealed class StopTests : IDisposable
{
    private const int Rounds = 30;
    private const int PerMessage = 200;

    private readonly TemporaryFolder _folder = new("stop");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_a_stream_has_committed_by_then_is_answered()
    {
        ulong answered = 0;
        for (var round = 0; round < Rounds; round++)
        {
            await using var agent = await LocalAgent.StartAsync(_folder.Path);
            await using (await agent.Endpoints.ConnectAsync())
            {
                var status = await agent.Endpoints.Grpc.StatusAsync(
                    new StatusRequest(), cancellationToken: Cancellation);
                Assert.Equal(answered, status.Sequence);
            }

            using var call = agent.Endpoints.Grpc.CommitStream(cancellationToken: Cancellation);
            var sending = SendAsync(call.RequestStream);
            await call.ResponseStream.MoveNext(Cancellation);
            answered += (ulong)call.ResponseStream.Current.Answers.Count;

            var stopping = agent.StopAsync();
            answered += await CountAsync(call.ResponseStream);
            await stopping;
            await sending;
        }
    }

    public void Dispose() => _folder.Dispose();

    private static async Task SendAsync(IClientStreamWriter<StreamCommitRequest> requests)
    {
        var message = new StreamCommitRequest();
        for (var i = 0; i < PerMessage; i++)
            message.Commits.Add(new StreamCommit { RequestId = (ulong)i, Commit = Put($"{i}") });
        try
        {
            while (true)
                await requests.WriteAsync(message, Cancellation);
        }
        catch (Exception e) when (e is RpcException or InvalidOperationException or IOException)
        {
            // The agent has ended the stream.
        }
    }

    private static CommitRequest Put(string id) => new()
    {
        Mutations =
        {
            new Mutation { Key = new StateKey { Kind = "k", Id = id }, Put = ByteString.CopyFrom(new byte[10_000]) },
        },
    };

    private static async Task<ulong> CountAsync(IAsyncStreamReader<StreamCommitReply> replies)
    {
        ulong answered = 0;
        try
        {
            while (await replies.MoveNext(Cancellation))
                answered += (ulong)replies.Current.Answers.Count;
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.Unavailable)
        {
            // It has stopped.
        }

        return answered;
    }
}
