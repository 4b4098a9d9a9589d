using Microsoft.Extensions.Logging;

namespace Aether.Persistence.Stores.Redis;

/// <summary>
/// The reason why the latest attempt to connect failed. The multiplexer's own exceptions name the first failure since
/// it was last connected, which may be outdated: a server that was down at first and now refuses the password. Only its
/// log names the reason of each attempt. Thread-safe.
/// </summary>
internal sealed class LatestFailure : ILoggerFactory, ILogger
{
    private volatile Exception? _exception;

    /// <summary>The error; null if no attempt has failed.</summary>
    public Exception? Exception => _exception;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter)
    {
        if (exception is not null && IsEnabled(logLevel))
            _exception = exception;
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public void Dispose()
    {
    }
}
