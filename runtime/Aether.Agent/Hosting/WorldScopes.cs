using System.Diagnostics;
using Aether.Agent.Settings;

namespace Aether.Agent.Hosting;

/// <summary>Adds world and pod as a scope to every log entry, and the trace of the call that caused it.</summary>
/// <remarks>
/// An ordinary scope follows the code that began it, but the threads of the log and of the web server do not descend
/// from that code. An agent serves one world for its whole life, so the scope is constant.
/// </remarks>
internal sealed class WorldScopes(AgentOptions options) : IExternalScopeProvider
{
    private readonly LoggerExternalScopeProvider _inner = new();
    private readonly KeyValuePair<string, object?>[] _world =
    [
        new("World", options.WorldName),
        new("Pod", options.Engine.Holder),
    ];

    /// <inheritdoc />
    public void ForEachScope<TState>(Action<object?, TState> callback, TState state)
    {
        callback(_world, state);
        if (Activity.Current is { } span)
            callback(TraceOf(span), state);
        _inner.ForEachScope(callback, state);
    }

    /// <inheritdoc />
    public IDisposable Push(object? state) => _inner.Push(state);

    private static KeyValuePair<string, object?>[] TraceOf(Activity span) =>
    [
        new("TraceId", span.TraceId.ToHexString()),
        new("SpanId", span.SpanId.ToHexString()),
    ];
}
