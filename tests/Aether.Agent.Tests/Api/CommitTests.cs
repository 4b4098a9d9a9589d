using Aether.Agent.Tests.Support;
using Aether.Persistence.V1;
using Google.Protobuf;
using Grpc.Core;

namespace Aether.Agent.Tests.Api;

public sealed class CommitTests : LocalAgentTests
{
    [Fact]
    public async Task A_commit_is_read_back_with_its_sequence_as_version()
    {
        var committed = await Grpc.CommitAsync(Put("a", "value"), cancellationToken: Cancellation);
        var read = await GetAsync("a");

        Assert.Equal((1UL, Durability.Fsync), (committed.Sequence, committed.Durability));
        Assert.Equal((true, "value", 1UL), (read.Found, read.Value.ToStringUtf8(), read.Version));
    }

    [Fact]
    public async Task A_deleted_key_is_not_found()
    {
        await Grpc.CommitAsync(Put("a", "value"), cancellationToken: Cancellation);
        var delete = new CommitRequest { Mutations = { new Mutation { Key = Key("a"), Delete = new Delete() } } };

        await Grpc.CommitAsync(delete, cancellationToken: Cancellation);

        Assert.False((await GetAsync("a")).Found);
    }

    [Fact]
    public async Task Oversize_commit_is_refused_with_limit_and_size_and_not_applied()
    {
        var request = new CommitRequest();
        for (var i = 0; i < 5; i++)
        {
            request.Mutations.Add(new Mutation
            {
                Key = Key($"big-{i}"),
                Put = ByteString.CopyFrom(new byte[1 << 20]),
            });
        }

        var refused = await RefusedAsync(request);

        Assert.Equal(StatusCode.InvalidArgument, refused.StatusCode);
        Assert.Equal("4194304", refused.Trailers.GetValue("aether-limit"));
        Assert.Equal("5242925", refused.Trailers.GetValue("aether-actual"));
        Assert.Equal(0UL, (await StatusAsync()).Sequence);
    }

    [Theory]
    [InlineData(513, 1, "mutations[0].key.kind", "512")]
    [InlineData(1, 513, "mutations[0].key.id", "512")]
    [InlineData(0, 1, "mutations[0].key.kind", "512")]
    public async Task A_key_outside_its_limits_is_refused_by_its_field(int kind, int id, string field, string limit)
    {
        var request = new CommitRequest
        {
            Mutations =
            {
                new Mutation
                {
                    Key = new StateKey { Kind = new string('k', kind), Id = new string('i', id) },
                    Put = ByteString.Empty,
                },
            },
        };

        var refused = await RefusedAsync(request);

        Assert.Equal(StatusCode.InvalidArgument, refused.StatusCode);
        Assert.Equal(field, refused.Trailers.GetValue("aether-field"));
        Assert.Equal(limit, refused.Trailers.GetValue("aether-limit"));
    }

    [Fact]
    public async Task A_commit_without_mutations_a_key_or_a_change_is_refused()
    {
        var nothing = await RefusedAsync(new CommitRequest());
        var noKey = await RefusedAsync(new CommitRequest { Mutations = { new Mutation { Put = ByteString.Empty } } });
        var noChange = await RefusedAsync(new CommitRequest { Mutations = { new Mutation { Key = Key("a") } } });

        Assert.Equal("mutations", nothing.Trailers.GetValue("aether-field"));
        Assert.Equal("mutations[0].key", noKey.Trailers.GetValue("aether-field"));
        Assert.Equal("mutations[0]", noChange.Trailers.GetValue("aether-field"));
    }

    [Fact]
    public async Task Wrong_expected_version_aborts_with_the_current_version()
    {
        await Grpc.CommitAsync(Put("a", "1"), cancellationToken: Cancellation);
        await Grpc.CommitAsync(Put("a", "2"), cancellationToken: Cancellation);
        var stale = Put("a", "3");
        stale.Mutations[0].ExpectedVersion = 1;
        stale.Mutations.Insert(0, Put("b", "never").Mutations[0]);

        var refused = await RefusedAsync(stale);

        Assert.Equal(StatusCode.Aborted, refused.StatusCode);
        Assert.Equal("2", refused.Trailers.GetValue("aether-current-version"));
        Assert.Equal("kind%2Fa", refused.Trailers.GetValue("aether-key"));
        Assert.False((await GetAsync("b")).Found);
    }

    [Fact]
    public async Task A_commit_repeated_with_its_idempotency_key_gets_the_first_answer()
    {
        var request = Put("a", "1");
        request.IdempotencyKey = "once";
        var first = await Grpc.CommitAsync(request, cancellationToken: Cancellation);

        var second = await Grpc.CommitAsync(request, cancellationToken: Cancellation);

        Assert.Equal((first.Sequence, false, true), (second.Sequence, first.Repeated, second.Repeated));
        Assert.Equal(1UL, (await StatusAsync()).Sequence);
    }

    [Fact]
    public async Task An_idempotency_key_reused_for_other_content_is_refused()
    {
        var request = Put("a", "1");
        request.IdempotencyKey = "once";
        await Grpc.CommitAsync(request, cancellationToken: Cancellation);
        var other = Put("a", "2");
        other.IdempotencyKey = "once";

        var refused = await RefusedAsync(other);

        Assert.Equal(StatusCode.InvalidArgument, refused.StatusCode);
        Assert.Equal("idempotency-conflict", refused.Trailers.GetValue("aether-reason"));
        Assert.Equal("1", (await GetAsync("a")).Value.ToStringUtf8());
    }

    [Fact]
    public async Task Durability_that_a_local_world_does_not_have_is_refused()
    {
        var request = Put("a", "1");
        request.Durability = Durability.Replicated;

        var refused = await RefusedAsync(request);

        Assert.Equal(StatusCode.InvalidArgument, refused.StatusCode);
        Assert.Equal("durability", refused.Trailers.GetValue("aether-field"));
        Assert.Equal(0UL, (await StatusAsync()).Sequence);
    }

    private static StateKey Key(string id) => new() { Kind = "kind", Id = id };

    private static CommitRequest Put(string id, string value) =>
        new() { Mutations = { new Mutation { Key = Key(id), Put = ByteString.CopyFromUtf8(value) } } };

    private async Task<RpcException> RefusedAsync(CommitRequest request) => await Assert.ThrowsAsync<RpcException>(
        async () => await Grpc.CommitAsync(request, cancellationToken: Cancellation));

    private async Task<GetReply> GetAsync(string id) =>
        await Grpc.GetAsync(new GetRequest { Key = Key(id) }, cancellationToken: Cancellation);

    private async Task<StatusReply> StatusAsync() =>
        await Grpc.StatusAsync(new StatusRequest(), cancellationToken: Cancellation);
}
