using System.Diagnostics;
using Aether.Persistence.Contracts;
using Aether.Persistence.Tests.Simulation;
using Aether.Tests;
using static Aether.Persistence.Tests.Runtime.RuntimeFixture;

namespace Aether.Persistence.Tests.Runtime;

/// <summary>
/// The only tests of this process that listen to spans. They run alone, because otherwise the engines of other tests
/// would produce spans as well.
/// </summary>
[CollectionDefinition(nameof(EngineTracingTests), DisableParallelization = true)]
[Collection(nameof(EngineTracingTests))]
public sealed class EngineTracingTests : IAsyncDisposable
{
    private const string Caller = "Aether.Persistence.Tests.Caller";
    private static readonly ActivitySource CallersSource = new(Caller);

    private readonly RuntimeFixture _fixture = new();
    private readonly SimulatedFileSystem _volume = new(seed: 1);

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task Commit_is_a_child_of_its_callers_span_and_its_flush_a_child_of_the_commit()
    {
        using var recorder = new SpanRecorder(EngineTracing.SourceName, Caller);
        var runtime = await _fixture.OpenAsync(_volume);
        using var caller = CallersSource.StartActivity("world")!;

        var result = await runtime.CommitAsync(Put(1, "a", Durability.Replicated), Cancellation);

        var commit = await recorder.WaitForAsync(
            span => span.OperationName == "commit" && span.ParentSpanId == caller.SpanId, Cancellation);
        var flush = await recorder.WaitForAsync(
            span => span.OperationName == "flush" && span.ParentSpanId == commit.SpanId, Cancellation);
        Assert.Equal(caller.TraceId, flush.TraceId);
        Assert.Equal((long)result.Sequence.Value, commit.GetTagItem("aether.commit.sequence"));
        Assert.Equal("Replicated", commit.GetTagItem("aether.commit.durability"));
        Assert.Equal((long)result.Sequence.Value, flush.GetTagItem("aether.commit.last_sequence"));
        Assert.Same(caller, Activity.Current);
    }

    [Fact]
    public async Task Append_to_the_journal_is_a_trace_of_its_own_with_the_sequences_it_ships()
    {
        using var recorder = new SpanRecorder(EngineTracing.SourceName, Caller);
        var runtime = await _fixture.OpenAsync(_volume);
        for (var i = 1; i < 1000; i++)
            await runtime.CommitAsync(Put(1, "a", Durability.Memory), Cancellation);
        using var caller = CallersSource.StartActivity("world")!;

        var result = await runtime.CommitAsync(Put(1, "a", Durability.Replicated), Cancellation);

        var ship = await recorder.WaitForAsync(
            span => span.OperationName == "ship"
                && (long)span.GetTagItem("aether.commit.last_sequence")! == (long)result.Sequence.Value,
            Cancellation);
        Assert.Equal((ActivityKind.Client, default), (ship.Kind, ship.ParentSpanId));
        Assert.NotEqual(caller.TraceId, ship.TraceId);
    }

    [Fact]
    public async Task Refused_commit_is_a_span_with_an_error()
    {
        using var recorder = new SpanRecorder(EngineTracing.SourceName, Caller);
        var runtime = await _fixture.OpenAsync(_volume);
        using var caller = CallersSource.StartActivity("world")!;

        await Assert.ThrowsAsync<VersionMismatchException>(
            () => runtime.CommitAsync(Put(1, "a", expected: new Sequence(7)), Cancellation).AsTask());

        var commit = await recorder.WaitForAsync(
            span => span.OperationName == "commit" && span.ParentSpanId == caller.SpanId, Cancellation);
        Assert.Equal(ActivityStatusCode.Error, commit.Status);
        Assert.Equal(typeof(VersionMismatchException).FullName, commit.GetTagItem("error.type"));
    }

    [Fact]
    public void Flush_is_a_child_of_the_first_commit_that_waits_and_has_links_to_the_others()
    {
        using var recorder = new SpanRecorder(EngineTracing.SourceName);
        ActivityContext[] waiting = [NewContext(), NewContext(), NewContext()];

        using var flush = EngineTracing.StartFlush(new Sequence(1), new Sequence(3), waiting)!;

        Assert.Equal((waiting[0].TraceId, waiting[0].SpanId), (flush.TraceId, flush.ParentSpanId));
        Assert.Equal(waiting[1..], flush.Links.Select(link => link.Context));

        static ActivityContext NewContext() =>
            new(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), ActivityTraceFlags.Recorded);
    }

    [Fact]
    public async Task Recovery_is_a_span_with_the_commit_that_it_came_to()
    {
        var former = await _fixture.OpenAsync(_volume);
        var last = await former.CommitAsync(Put(1, "a", Durability.Replicated), Cancellation);
        await _fixture.CrashAsync(former);
        using var recorder = new SpanRecorder(EngineTracing.SourceName);

        await _fixture.OpenAsync(_volume);

        var recovery = await recorder.WaitForAsync(span => span.OperationName == "recover", Cancellation);
        Assert.Equal((long)last.Sequence.Value, recovery.GetTagItem("aether.commit.sequence"));
        Assert.Equal(ActivityStatusCode.Unset, recovery.Status);
    }

    [Fact]
    public void Span_that_nobody_listens_to_allocates_nothing()
    {
        Assert.True(StartAll());

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
            StartAll();

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static bool StartAll() =>
        EngineTracing.StartCommit(mutations: 1) is null
        && EngineTracing.StartFlush(Sequence.None, Sequence.None, []) is null
        && EngineTracing.StartShip(Sequence.None, Sequence.None, blocks: 1) is null
        && EngineTracing.Current == default;
}
