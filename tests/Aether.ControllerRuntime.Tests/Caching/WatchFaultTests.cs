using Aether.ControllerRuntime.Tests.Servers;
using Microsoft.AspNetCore.Http;

namespace Aether.ControllerRuntime.Tests.Caching;

[Trait("Kind", "Unit")]
public sealed class WatchFaultTests
{
    private const string Gone =
        """{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Expired","code":410,"message":"too old"}""";

    private const string Trouble =
        """{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"InternalError","code":500,"message":"no"}""";

    private static readonly WatchOptions Options = new();

    // The same as the cache's: its random source returns zero.
    private static readonly Backoff Pauses = new(Options.BackoffBase, Options.BackoffLimit, () => 0);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_410_in_mid_watch_lists_again_and_notices_missing_objects()
    {
        await using var api = await ScriptedApi.StartAsync();
        api.ThenText(List("10", Widget("a", "3"), Widget("b", "4")))
            .ThenText(Line("ADDED", Widget("c", "11")) + $$"""{"type":"ERROR","object":{{Gone}}}""" + "\n")
            .ThenText(List("20", Widget("b", "15"), Widget("c", "11"), Widget("d", "16")));
        await using var cache = new ScriptedCache(api);

        Assert.Equal((EntityChangeKind.Added, "a", "3"), await cache.NextChangeAsync());
        Assert.Equal((EntityChangeKind.Added, "b", "4"), await cache.NextChangeAsync());
        Assert.Equal((EntityChangeKind.Added, "c", "11"), await cache.NextChangeAsync());
        Assert.Equal((EntityChangeKind.Updated, "b", "15"), await cache.NextChangeAsync());
        Assert.Equal((EntityChangeKind.Added, "d", "16"), await cache.NextChangeAsync());
        Assert.Equal((EntityChangeKind.Deleted, "a", "3"), await cache.NextChangeAsync());
        Assert.Equal(["b", "c", "d"], cache.Cache.List().Select(widget => widget.Metadata.Name));
    }

    [Fact]
    public async Task A_watch_refused_with_410_lists_again()
    {
        await using var api = await ScriptedApi.StartAsync();
        api.ThenText(List("10")).ThenText(Gone, StatusCodes.Status410Gone).ThenText(List("20", Widget("a", "15")));
        await using var cache = new ScriptedCache(api);

        var change = await cache.NextChangeAsync();

        Assert.Equal((EntityChangeKind.Added, "a", "15"), change);
        Assert.DoesNotContain("watch", await api.NextRequestAsync(), StringComparison.Ordinal);
        Assert.Contains("resourceVersion=10", await api.NextRequestAsync(), StringComparison.Ordinal);
        Assert.DoesNotContain("watch", await api.NextRequestAsync(), StringComparison.Ordinal);
        Assert.Contains("resourceVersion=20", await api.NextRequestAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cut_watch_continues_from_the_last_bookmark()
    {
        var cut = new TaskCompletionSource();
        await using var api = await ScriptedApi.StartAsync();
        api.ThenText(List("10"))
            .ThenLinesAndACut(cut.Task, Line("ADDED", Widget("a", "11")).Trim(), Bookmark("42"))
            .ThenLinesAndSilence();
        await using var cache = new ScriptedCache(api);

        await api.NextRequestAsync();
        Assert.Contains("resourceVersion=10", await api.NextRequestAsync(), StringComparison.Ordinal);
        await cache.NextChangeAsync();
        cut.SetResult();
        var resumed = await cache.NextRequestAsync(api);

        Assert.Contains("resourceVersion=42", resumed, StringComparison.Ordinal);
        Assert.Contains("allowWatchBookmarks=true", resumed, StringComparison.Ordinal);
        Assert.Equal(["a"], cache.Cache.List().Select(widget => widget.Metadata.Name));
    }

    [Fact]
    public async Task A_silent_watch_is_closed_after_its_timeout()
    {
        await using var api = await ScriptedApi.StartAsync();
        api.ThenText(List("10"))
            .ThenLinesAndSilence(Line("ADDED", Widget("a", "11")).Trim())
            .ThenText(Line("ADDED", Widget("b", "12")));
        await using var cache = new ScriptedCache(api);
        await api.NextRequestAsync();
        await api.NextRequestAsync();
        Assert.Equal((EntityChangeKind.Added, "a", "11"), await cache.NextChangeAsync());

        Assert.False(api.HasRequest);
        await cache.Clock.AdvanceAsync(Options.Timeout + Options.SilenceGrace, Cancellation);
        await cache.Clock.AdvanceAsync(Pauses.After(1), Cancellation);
        var resumed = await api.NextRequestAsync();

        Assert.Contains("resourceVersion=11", resumed, StringComparison.Ordinal);
        Assert.Equal((EntityChangeKind.Added, "b", "12"), await cache.NextChangeAsync());
    }

    [Fact]
    public async Task Watch_that_repeatedly_fails_to_resume_lists_again()
    {
        await using var api = await ScriptedApi.StartAsync();
        api.ThenText(List("10"));
        for (var failure = 0; failure < 3; failure++)
            api.ThenText(Trouble, StatusCodes.Status500InternalServerError);
        await using var cache = new ScriptedCache(api);
        await api.NextRequestAsync();
        for (var watch = 0; watch < 3; watch++)
            Assert.Contains("resourceVersion=10", await cache.NextRequestAsync(api), StringComparison.Ordinal);

        var next = await cache.NextRequestAsync(api);

        Assert.DoesNotContain("watch", next, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Server_that_ends_every_watch_at_once_is_retried_with_backoff()
    {
        await using var api = await ScriptedApi.StartAsync();
        api.ThenText(List("10"));
        for (var watch = 0; watch < 20; watch++)
            api.ThenText("");
        await using var cache = new ScriptedCache(api);
        await api.NextRequestAsync();
        await api.NextRequestAsync();

        var started = cache.Clock.GetUtcNow();
        for (var failure = 1; failure <= 8; failure++)
        {
            await cache.Clock.AdvanceAsync(Pauses.After(failure), Cancellation);
            await api.NextRequestAsync();
        }

        Assert.True(cache.Clock.GetUtcNow() - started > TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task List_in_several_pages_is_applied_as_one()
    {
        await using var api = await ScriptedApi.StartAsync();
        api.ThenText(PageOf("10", "next", Widget("a", "3"))).ThenText(List("10", Widget("b", "4")));
        await using var cache = new ScriptedCache(api);

        await cache.Cache.WaitForSyncAsync(Cancellation);

        Assert.Contains("limit=500", await api.NextRequestAsync(), StringComparison.Ordinal);
        Assert.Contains("continue=next", await api.NextRequestAsync(), StringComparison.Ordinal);
        Assert.Equal(["a", "b"], cache.Cache.List().Select(widget => widget.Metadata.Name));
    }

    [Fact]
    public async Task Unreadable_object_is_left_out_and_the_others_are_not()
    {
        await using var api = await ScriptedApi.StartAsync();
        var broken = """{"metadata":{"namespace":"n","name":"x","resourceVersion":"5"},"spec":{"size":"no number"}}""";
        api.ThenText(List("10", Widget("a", "3"), broken, Widget("b", "4")));
        await using var cache = new ScriptedCache(api);

        await cache.Cache.WaitForSyncAsync(Cancellation);

        Assert.Equal(["a", "b"], cache.Cache.List().Select(widget => widget.Metadata.Name));
    }

    private static string Widget(string name, string version) =>
        $$$"""{"metadata":{"namespace":"n","name":"{{{name}}}","resourceVersion":"{{{version}}}"},"spec":{"size":1}}""";

    private static string List(string version, params string[] items) => PageOf(version, "", items);

    private static string PageOf(string version, string more, params string[] items) =>
        $$$"""{"metadata":{"resourceVersion":"{{{version}}}","continue":"{{{more}}}"},"items":[{{{Join(items)}}}]}""";

    private static string Join(string[] items) => string.Join(',', items);

    private static string Line(string type, string item) => $$"""{"type":"{{type}}","object":{{item}}}""" + "\n";

    private static string Bookmark(string version) =>
        Line("BOOKMARK", $$"""{"metadata":{"resourceVersion":"{{version}}"} }""").Trim();
}
