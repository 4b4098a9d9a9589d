using System.Runtime.InteropServices;
using Aether.DevCluster.Clusters;
using Aether.DevCluster.Commands;

namespace Aether.DevCluster;

/// <summary>A cluster on one machine, for interactive use: <c>make run</c> and <c>make demo</c>.</summary>
internal static class Program
{
    private const string Usage = """
        aether-devcluster run    the main job on a cluster of its own; stays up until Ctrl-C
        aether-devcluster demo   the same without staying up; the last line counts what was lost (nothing)
        """;

    private static async Task<int> Main(string[] arguments)
    {
        using var stop = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using var hangup = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Stop);
        var screen = new Screen(Console.Out, TimeProvider.System);
        if (arguments is not (["run"] or ["demo"]))
        {
            screen.Write(Usage);
            return 2;
        }

        try
        {
            return await RunAsync(screen, staysUp: arguments is ["run"], stop.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Ctrl-C ends a run, and aborts a demonstration.
            return arguments is ["run"] ? 0 : 130;
        }
        catch (Exception exception)
        {
            screen.Write(exception.ToString());
            return 1;
        }

        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;
            stop.Cancel();
        }
    }

    private static async Task<int> RunAsync(Screen screen, bool staysUp, CancellationToken stop)
    {
        await using var cluster = await DevelopmentCluster.StartAsync(
            new ClusterOptions { Progress = screen.Step }, stop);
        var demonstration = new Demonstration(cluster, screen);
        try
        {
            var passed = await demonstration.RunAsync(stop);
            if (!staysUp || !passed)
                return passed ? 0 : 1;
        }
        catch (Exception) when (!stop.IsCancellationRequested)
        {
            LogTails.Print(cluster, screen);
            throw;
        }

        await demonstration.Rounds[0].RunSlowlyAsync(stop);
        LookAround.Print(cluster, demonstration.Rounds, screen);
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stop);
        return 0;
    }
}
