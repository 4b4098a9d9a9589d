using System.Runtime.InteropServices;
using Aether.Agent.Settings;
using Aether.Persistence;

namespace Aether.Agent.Hosting;

/// <summary>Reads the command line and the settings, runs the agent, and turns signals into a stop.</summary>
internal static class Program
{
    // SIGXFSZ on Linux. A write beyond the allowed file size (RLIMIT_FSIZE) raises it before the write fails.
    // Unhandled, it kills the process silently; handled, the failed write ends the agent with the reason.
    private const int FileSizeSignal = 25;

    private static Task<int> Main(string[] arguments) =>
        CalledAs() == Cli.Program.Name ? Cli.Program.Main(arguments) : RunAsync(arguments);

    // The name, or the symbolic link, with which the process was started.
    private static string CalledAs() => Path.GetFileName(Environment.GetCommandLineArgs()[0]);

    private static async Task<int> RunAsync(string[] arguments)
    {
        try
        {
            return await AgentCommand.RunAsync(arguments, Console.Out, Console.Error, RunAsync);
        }
        catch (InvalidSettingsException e)
        {
            foreach (var problem in e.Problems)
                await Console.Error.WriteLineAsync($"{AgentCommand.Name}: {problem}");
            return (int)ExitCode.BadConfiguration;
        }
        catch (VolumeException e)
        {
            await Console.Error.WriteLineAsync($"{AgentCommand.Name}: {e.Message} {e.AdviseOn(e.File)}");
            return (int)(e.IsConfiguration ? ExitCode.BadConfiguration : ExitCode.WalFailed);
        }
        catch (Exception e) when (e is ArgumentException or IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync($"{AgentCommand.Name}: {e.Message}");
            return (int)ExitCode.BadConfiguration;
        }
    }

    private static async Task<ExitCode> RunAsync(CommandLine commandLine)
    {
        var settings = SettingsSource.Of(commandLine);
        var options = settings.Read();

        using var stop = new CancellationTokenSource();
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var fileTooLarge = PosixSignalRegistration.Create(
            (PosixSignal)FileSizeSignal, signal => signal.Cancel = true);
        using var lastResort = new LastResort();
        AppDomain.CurrentDomain.FirstChanceException += (_, thrown) => lastResort.Notice(thrown.Exception);
        AppDomain.CurrentDomain.UnhandledException += (_, thrown) => LastResort.EndFor(thrown.ExceptionObject);
        await using var agent = AgentHost.Build(options, settings, new CoarseTimeProvider(), lastResort.Arm);
        return await agent.RunAsync(stop.Token);

        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;
            stop.Cancel();
        }
    }
}
