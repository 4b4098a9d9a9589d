using Aether.Agent.Grpc;
using Aether.Agent.Metrics;
using Aether.Agent.Settings;
using Aether.Agent.Worlds;
using Aether.Persistence;
using Aether.Persistence.Runtime;
using Aether.Persistence.V1;
using Aether.TestServers;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.Extensions.Logging.Abstractions;
using StateKey = Aether.Persistence.V1.StateKey;

namespace Aether.Agent.Tests.Api;

/// <summary>
/// A commit stream whose agent is asked to stop while one answer is being sent and others are pending.
/// </summary>
[Trait("Kind", "Unit")]
public sealed class StopTests : IDisposable
{
    private const int Commits = 3;

    private readonly TemporaryFolder _folder = new("stop");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Commits_that_a_stream_sent_before_the_stop_are_all_answered()
    {
        var options = AgentOptionsReader.Read(_ => null, _folder.Path);
        var metrics = global::Prometheus.Metrics.WithCustomRegistry(global::Prometheus.Metrics.NewCustomRegistry());
        await using var stores = WorldStores.Create(options, TimeProvider.System, NullLoggerFactory.Instance);
        await using var runtime = new PersistenceRuntime(
            options.Engine, stores.Ports, TimeProvider.System, NullLoggerFactory.Instance, new EngineMetrics(metrics));
        await runtime.StartAsync(Cancellation);
        var commits = new WorldCommits(runtime, new AgentMetrics(metrics), TimeProvider.System);
        var client = new SlowClient();
        using var session = new CommitStreamSession(commits, client, client);
        using var stopping = new CancellationTokenSource();

        var running = session.RunAsync(Cancellation, stopping.Token);
        await Task.WhenAll(client.AllRead, client.FirstAnswer);
        await stopping.CancelAsync();
        client.TakeAnswers();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        Assert.Equal(Commits, client.Answered);
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>Sends some commits and then nothing, and reads no answer until the test allows it.</summary>
    private sealed class SlowClient : IAsyncStreamReader<StreamCommitRequest>, IServerStreamWriter<StreamCommitReply>
    {
        private readonly TaskCompletionSource _allRead = NewSignal();
        private readonly TaskCompletionSource _firstAnswer = NewSignal();
        private readonly TaskCompletionSource _takes = NewSignal();
        private int _sent;

        public Task AllRead => _allRead.Task;

        public Task FirstAnswer => _firstAnswer.Task;

        public int Answered { get; private set; }

        public StreamCommitRequest Current => new() { Commits = { Commit($"{_sent}") } };

        public WriteOptions? WriteOptions { get; set; }

        public void TakeAnswers() => _takes.SetResult();

        public async Task<bool> MoveNext(CancellationToken cancellationToken)
        {
            if (++_sent <= Commits)
                return true;
            _allRead.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
            return false;
        }

        public Task WriteAsync(StreamCommitReply message) => WriteAsync(message, CancellationToken.None);

        public async Task WriteAsync(StreamCommitReply message, CancellationToken cancellationToken)
        {
            _firstAnswer.TrySetResult();
            await _takes.Task.WaitAsync(cancellationToken);
            Answered += message.Answers.Count;
        }

        private static StreamCommit Commit(string id) => new()
        {
            Commit = new CommitRequest
            {
                Mutations = { new Mutation { Key = new StateKey { Kind = "k", Id = id }, Put = ByteString.Empty } },
            },
        };

        private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
