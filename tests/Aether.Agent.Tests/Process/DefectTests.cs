using Aether.Agent.Settings;
using Aether.Agent.Worlds;
using Aether.Persistence;
using Aether.Persistence.Contracts;
using Aether.Persistence.Runtime;
using Aether.TestServers;
using Microsoft.Extensions.Logging;

namespace Aether.Agent.Tests.Process;

/// <summary>A defect ends the agent with its exit code, whatever else fails afterwards.</summary>
[Trait("Field", "F31")]
public sealed class DefectTests : IDisposable
{
    private readonly TemporaryFolder _folder = new("defect");
    private readonly FailingLogger _logger = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_defect_ends_the_session_with_its_code_although_the_cause_cannot_be_logged()
    {
        var options = AgentOptionsReader.Read(_ => null, _folder.Path);
        await using var stores = WorldStores.Create(options, TimeProvider.System, _logger);
        await using var runtime = new PersistenceRuntime(
            options.Engine, stores.Ports, TimeProvider.System, _logger,
            new EngineMetrics(
                global::Prometheus.Metrics.WithCustomRegistry(global::Prometheus.Metrics.NewCustomRegistry())));
        Exception? armed = null;
        runtime.OnFailure = cause => armed = cause;
        var events = new WorldEvents(stores.Events, runtime, TimeProvider.System, new Logger<WorldEvents>(_logger));
        var session = new WorldSession(
            options, runtime, events, TimeProvider.System, new Logger<WorldSession>(_logger));
        var running = session.RunAsync(Cancellation);
        while (runtime.Status.Phase != RuntimePhase.Running)
            await runtime.NextChange.WaitAsync(Cancellation);
        var defect = new InsufficientMemoryException();

        _logger.Fails = true;
        runtime.Abort(defect);
        var exitCode = await running;
        _logger.Fails = false;

        Assert.Equal(ExitCode.Defect, exitCode);
        Assert.Same(defect, armed);
        Assert.Same(defect, await Assert.ThrowsAsync<InsufficientMemoryException>(() => runtime.Completion));
    }

    public void Dispose()
    {
        _logger.Dispose();
        _folder.Dispose();
    }

    /// <summary>A logger that throws, as if it had no memory, which a real one cannot be made to do.</summary>
    private sealed class FailingLogger : ILoggerFactory, ILogger
    {
        public volatile bool Fails;

        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            if (Fails)
                throw new AggregateException("An error occurred while writing to logger(s).");
        }

        public void Dispose()
        {
        }
    }
}
