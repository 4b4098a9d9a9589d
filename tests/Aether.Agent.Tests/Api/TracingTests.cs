using System.Diagnostics;
using Aether.Agent.Tests.Support;
using Aether.Persistence;
using Aether.Persistence.V1;
using Aether.Tests;
using Google.Protobuf;
using Grpc.Core;

namespace Aether.Agent.Tests.Api;

public sealed class TracingTests : LocalAgentTests
{
    private const string Server = "Microsoft.AspNetCore";

    [Fact]
    public async Task Commit_belongs_to_the_trace_that_the_gRPC_call_names()
    {
        using var recorder = new SpanRecorder(EngineTracing.SourceName, Server);
        var (trace, world) = (ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom());
        var request = new CommitRequest
        {
            Durability = Durability.Fsync,
            Mutations =
            {
                new Mutation { Key = new() { Kind = "item", Id = "1" }, Put = ByteString.CopyFromUtf8("a") },
            },
        };

        var committed = await Grpc.CommitAsync(
            request, new Metadata { { "traceparent", $"00-{trace}-{world}-01" } }, cancellationToken: Cancellation);

        var call = await Ended(span => span.Source.Name == Server);
        var commit = await Ended(span => span.OperationName == "commit");
        var flush = await Ended(span => span.OperationName == "flush");
        Assert.Equal(
            (world, call.SpanId, commit.SpanId), (call.ParentSpanId, commit.ParentSpanId, flush.ParentSpanId));
        Assert.Equal((long)committed.Sequence, commit.GetTagItem("aether.commit.sequence"));

        Task<Activity> Ended(Func<Activity, bool> fits) =>
            recorder.WaitForAsync(span => span.TraceId == trace && fits(span), Cancellation);
    }
}
