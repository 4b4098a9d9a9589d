using System.Runtime.InteropServices;
using Aether.Agent.Worlds;

namespace Aether.Agent.Hosting;

/// <summary>
/// Ends the process with the exit code of its cause when the orderly end does not come in time: an agent whose world
/// has failed must not go on, and after a failed allocation anything may fail, the logger and the thread pool included.
/// </summary>
/// <remarks>Its thread and all it needs exist from the start, so that nothing has to be allocated in the end.</remarks>
internal sealed partial class LastResort : IDisposable
{
    // The answers have two seconds, the final report one.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly ManualResetEventSlim _failed = new();
    private readonly ManualResetEventSlim _over = new();
    private volatile int _code;

    public LastResort() => new Thread(Watch) { IsBackground = true, Name = "aether-last-resort" }.Start();

    /// <summary>The world has failed: the process ends within a few seconds, whatever happens.</summary>
    public void Arm(Exception cause)
    {
        // Asked to stop before the world was served: that is an end in order.
        if (cause is OperationCanceledException)
            return;
        _code = (int)WorldSession.CodeOf(cause);
        _failed.Set();
    }

    /// <summary>Ends the process for an exception that nobody caught, which would abort it with another code.</summary>
    public static void EndFor(object defect)
    {
        try
        {
            Console.Error.WriteLine($"aether-agent: stopping because of a defect: {defect}");
        }
        catch (Exception)
        {
            // There may be no memory for it; the exit code says as much.
        }

        Exit((int)ExitCode.Defect);
    }

    /// <summary>The process ends in order.</summary>
    public void Dispose()
    {
        _over.Set();
        _failed.Set();
    }

    private void Watch()
    {
        _failed.Wait();
        if (!_over.Wait(Patience))
            Exit(_code);
    }

    // Not Environment.Exit, which runs managed code and waits for it.
    [LibraryImport("libc", EntryPoint = "_exit")]
    private static partial void Exit(int code);
}
