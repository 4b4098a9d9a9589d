using Aether.ControllerRuntime.Tests.Servers;
using k8s.Models;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Aether.ControllerRuntime.Tests.LeaderElection;

public sealed class LeaderElectorTests(Cluster cluster)
{
    private static readonly TimeSpan Attempt = TimeSpan.FromSeconds(10);
    private const string LeaseOfA =
        """{"metadata":{"name":"lock","resourceVersion":"1"},"spec":{"holderIdentity":"a"}}""";

    private static readonly LeaderElectionOptions Defaults = new() { Namespace = "n", Name = "lock" };

    private readonly WaitingClock _clockOfA = new();
    private readonly FakeTimeProvider _clockOfB = new(DateTimeOffset.UnixEpoch.AddYears(20));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Second_elector_takes_over_once_the_lease_has_expired_by_its_own_clock()
    {
        var space = await cluster.NewNamespaceAsync();
        var (a, b) = (Elector(space, "a", _clockOfA), Elector(space, "b", _clockOfB));

        Assert.True(await a.TryOnceAsync(Attempt, Cancellation));
        Assert.False(await b.TryOnceAsync(Attempt, Cancellation));
        _clockOfB.Advance(TimeSpan.FromSeconds(14.9));
        Assert.False(await b.TryOnceAsync(Attempt, Cancellation));
        _clockOfB.Advance(TimeSpan.FromSeconds(0.1));
        Assert.True(await b.TryOnceAsync(Attempt, Cancellation));

        var lease = await ReadAsync(space);
        Assert.Equal("b", lease.Spec.HolderIdentity);
        Assert.Equal((1, 15), (lease.Spec.LeaseTransitions, lease.Spec.LeaseDurationSeconds));
        Assert.False(await a.TryOnceAsync(Attempt, Cancellation));
        Assert.False(await a.TryOnceAsync(Attempt, Cancellation));
    }

    [Fact]
    public async Task Renewal_restarts_the_wait_of_the_other_elector()
    {
        var space = await cluster.NewNamespaceAsync();
        var (a, b) = (Elector(space, "a", _clockOfA), Elector(space, "b", _clockOfB));
        await a.TryOnceAsync(Attempt, Cancellation);
        await b.TryOnceAsync(Attempt, Cancellation);

        _clockOfA.Advance(TimeSpan.FromSeconds(2));
        _clockOfB.Advance(TimeSpan.FromSeconds(14));
        await a.TryOnceAsync(Attempt, Cancellation);
        await b.TryOnceAsync(Attempt, Cancellation);
        _clockOfB.Advance(TimeSpan.FromSeconds(14));

        Assert.False(await b.TryOnceAsync(Attempt, Cancellation));
    }

    [Fact]
    public async Task Free_lease_goes_to_exactly_one_of_two_electors()
    {
        var space = await cluster.NewNamespaceAsync();
        var electors = Enumerable.Range(0, 8).Select(number => Elector(space, $"e{number}", new FakeTimeProvider()));

        var won = await Task.WhenAll(electors.Select(elector => elector.TryOnceAsync(Attempt, Cancellation)));

        Assert.Single(won, result => result);
    }

    [Fact]
    public async Task A_released_lease_is_taken_at_once()
    {
        var space = await cluster.NewNamespaceAsync();
        var (a, b) = (Elector(space, "a", _clockOfA), Elector(space, "b", _clockOfB));
        await a.TryOnceAsync(Attempt, Cancellation);
        await b.TryOnceAsync(Attempt, Cancellation);

        await a.ReleaseAsync(Cancellation);

        Assert.True(await b.TryOnceAsync(Attempt, Cancellation));
    }

    [Fact]
    public async Task Elector_that_does_not_lead_releases_nothing()
    {
        var space = await cluster.NewNamespaceAsync();
        var (a, b) = (Elector(space, "a", _clockOfA), Elector(space, "b", _clockOfB));
        await a.TryOnceAsync(Attempt, Cancellation);
        await b.TryOnceAsync(Attempt, Cancellation);

        await b.ReleaseAsync(Cancellation);

        Assert.Equal("a", (await ReadAsync(space)).Spec.HolderIdentity);
    }

    [Fact]
    public async Task Renewing_ends_when_another_holds_the_lease()
    {
        var space = await cluster.NewNamespaceAsync();
        var (a, b) = (Elector(space, "a", _clockOfA), Elector(space, "b", _clockOfB));
        await a.AcquireAsync(Cancellation);
        await b.TryOnceAsync(Attempt, Cancellation);
        _clockOfB.Advance(TimeSpan.FromSeconds(15));
        await b.TryOnceAsync(Attempt, Cancellation);

        var renewing = a.RenewAsync(Cancellation);
        await _clockOfA.AdvanceAsync(Defaults.RetryPeriod, Cancellation);

        await renewing;
    }

    [Fact]
    public async Task Renewal_with_a_lost_answer_still_counts_as_the_holders_own()
    {
        var space = await cluster.NewNamespaceAsync();
        var a = Elector(space, "a", _clockOfA);
        await a.TryOnceAsync(Attempt, Cancellation);

        // As if "a" had written once more and its answer was lost.
        await Elector(space, "a", _clockOfA).TryOnceAsync(Attempt, Cancellation);

        Assert.True(await a.TryOnceAsync(Attempt, Cancellation));
    }

    [Fact]
    public async Task Renewing_ends_before_others_may_take_over_when_the_server_does_not_answer()
    {
        await using var api = await ScriptedApi.StartAsync();
        using var client = Client(api);
        var elector = Elector("n", "a", _clockOfA, Objects(client));
        await AcquireAsync(api, elector);
        var acquired = _clockOfA.GetUtcNow();

        var renewing = elector.RenewAsync(Cancellation);
        await _clockOfA.AdvanceAsync(Defaults.RetryPeriod, Cancellation);
        await api.NextRequestAsync();
        await _clockOfA.AdvanceAsync(Defaults.RenewDeadline / 2, Cancellation);
        await api.NextRequestAsync();
        await _clockOfA.AdvanceAsync(
            (Defaults.RenewDeadline / 2) - Defaults.RetryPeriod, Cancellation);

        await renewing;
        Assert.InRange(_clockOfA.GetUtcNow() - acquired, Defaults.RenewDeadline, Defaults.LeaseDuration);
    }

    [Fact]
    public async Task Unanswered_renewal_leaves_time_for_another()
    {
        await using var api = await ScriptedApi.StartAsync();
        using var client = Client(api);
        var elector = Elector("n", "a", _clockOfA, Objects(client));
        await AcquireAsync(api, elector);
        var answered = new TaskCompletionSource();
        api.Then(response => Task.Delay(
                Timeout.InfiniteTimeSpan, TimeProvider.System, response.HttpContext.RequestAborted))
            .ThenText(LeaseOfA)
            .Then(_ => answered.Task);

        using var over = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var renewing = elector.RenewAsync(over.Token);
        await _clockOfA.AdvanceAsync(Defaults.RetryPeriod, Cancellation);
        await api.NextRequestAsync();
        await _clockOfA.AdvanceAsync(Defaults.RenewDeadline / 2, Cancellation);
        await api.NextRequestAsync();
        await _clockOfA.AdvanceAsync(Defaults.RetryPeriod, Cancellation);
        await api.NextRequestAsync();

        Assert.False(renewing.IsCompleted);
        await over.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => renewing);
        answered.SetResult();
    }

    [Theory]
    [InlineData(15, 15, 2)]
    [InlineData(15, 10, 9)]
    [InlineData(1.5, 1, 0.1)]
    public void Durations_that_let_two_lead_at_once_are_refused(double lease, double renew, double retry)
    {
        var options = new LeaderElectionOptions
        {
            Namespace = "n",
            Name = "lock",
            LeaseDuration = TimeSpan.FromSeconds(lease),
            RenewDeadline = TimeSpan.FromSeconds(renew),
            RetryPeriod = TimeSpan.FromSeconds(retry),
        };

        Assert.Throws<ArgumentException>(options.Validate);
    }

    // The lease is free, so the elector acquires it.
    private static async Task AcquireAsync(ScriptedApi api, LeaderElector elector)
    {
        api.ThenText("{}", Microsoft.AspNetCore.Http.StatusCodes.Status404NotFound).ThenText(LeaseOfA);
        await elector.AcquireAsync(Cancellation);
        await api.NextRequestAsync();
        await api.NextRequestAsync();
    }

    private static k8s.Kubernetes Client(ScriptedApi api) =>
        new(new k8s.KubernetesClientConfiguration { Host = api.Url });

    private ObjectClient Objects(k8s.Kubernetes client) => new(
        new ApiTransport(client, _clockOfA), new OwnWrites(), new OperatorSettings { Name = "test" });

    private async Task<V1Lease> ReadAsync(string space) =>
        (await cluster.Objects().TryGetAsync<V1Lease>(new ObjectKey(space, "lock"), Cancellation))!;

    private LeaderElector Elector(
        string space, string identity, TimeProvider clock, IObjectClient? objects = null) =>
        new(
            Defaults with { Namespace = space, Identity = identity },
            objects ?? cluster.Objects(),
            () => 0,
            NullLogger<LeaderElector>.Instance,
            clock);
}
