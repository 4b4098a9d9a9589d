using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Aether.ControllerRuntime.Tests.Servers;

/// <summary>
/// Stands in for an API server where a real one cannot be made to misbehave on demand: it answers requests over real
/// HTTP, one after another, as scripted. A request beyond the script waits forever.
/// </summary>
internal sealed class ScriptedApi : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<Func<HttpResponse, Task>> _script = new();
    private readonly Channel<string> _requests = Channel.CreateUnbounded<string>();

    private ScriptedApi(WebApplication app)
    {
        _app = app;
    }

    public string Url => _app.Urls.Single();

    public static async Task<ScriptedApi> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var api = new ScriptedApi(builder.Build());
        api._app.Run(api.AnswerAsync);
        await api._app.StartAsync();
        return api;
    }

    public ScriptedApi Then(Func<HttpResponse, Task> answer)
    {
        _script.Enqueue(answer);
        return this;
    }

    public ScriptedApi ThenText(string text, int status = StatusCodes.Status200OK) => Then(async response =>
    {
        response.StatusCode = status;
        await response.WriteAsync(text);
    });

    /// <summary>
    /// Sends some lines and the beginning of another; cuts the connection when <paramref name="cut"/> completes.
    /// </summary>
    public ScriptedApi ThenLinesAndACut(Task cut, params string[] lines) => Then(async response =>
    {
        await response.WriteAsync(string.Concat(lines.Select(line => line + "\n")) + "{\"type\":");
        await response.Body.FlushAsync();
        await cut;
        response.HttpContext.Abort();
    });

    /// <summary>Sends some lines and then keeps the connection open without sending more.</summary>
    public ScriptedApi ThenLinesAndSilence(params string[] lines) => Then(async response =>
    {
        await response.WriteAsync(string.Concat(lines.Select(line => line + "\n")));
        await response.Body.FlushAsync();
        await Forever(response.HttpContext);
    });

    public async Task<string> NextRequestAsync() =>
        await _requests.Reader.ReadAsync(TestContext.Current.CancellationToken);

    public bool HasRequest => _requests.Reader.Count > 0;

    public async ValueTask DisposeAsync()
    {
        using var atOnce = new CancellationTokenSource();
        await atOnce.CancelAsync();
        await _app.StopAsync(atOnce.Token);
        await _app.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        _requests.Writer.TryWrite($"{context.Request.Path}{context.Request.QueryString}");
        if (_script.TryDequeue(out var answer))
            await answer(context.Response);
        else
            await Forever(context);
    }

    private static async Task Forever(HttpContext context) =>
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}
