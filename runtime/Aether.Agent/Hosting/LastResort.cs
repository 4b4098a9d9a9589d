using System.Runtime.InteropServices;
using Aether.Agent.Worlds;
using Aether.Persistence;

namespace Aether.Agent.Hosting;

/// <summary>
/// Ends the process with the exit code of its cause if the orderly end takes too long: an agent whose world has failed
/// must not continue, and after a failed allocation anything may fail, including the logger and the thread pool.
/// </summary>
/// <remarks>
/// Its thread and everything that it needs are created at the start, so that the end allocates nothing.
/// </remarks>
internal sealed partial class LastResort : IDisposable
{
    // The last answers may take two seconds, the final report one.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly ManualResetEventSlim _failed = new();
    private readonly ManualResetEventSlim _over = new();
    private volatile int _code;
    private volatile bool _outOfMemory;

    public LastResort() => new Thread(Watch) { IsBackground = true, Name = "aether-last-resort" }.Start();

    /// <summary>The world has failed: ends the process within a few seconds, whatever happens.</summary>
    public void Arm(Exception cause)
    {
        // The agent was asked to stop before the world was served: an orderly end.
        if (cause is OperationCanceledException)
            return;
        _code = (int)WorldSession.CodeOf(cause);
        _failed.Set();
    }

    /// <summary>
    /// An exception was thrown, and may still be caught. A failed allocation ends the process within a few seconds
    /// unless the engine expects it: Kestrel and gRPC do not survive a failed allocation, and a connection that missed
    /// a step because of it stays open and answers no client.
    /// </summary>
    public void Notice(Exception thrown)
    {
        if (thrown is not OutOfMemoryException || SurvivableAllocations.Here)
            return;
        _outOfMemory = true;
        Arm(thrown);
    }

    /// <summary>
    /// Ends the process after an unhandled exception, which would otherwise abort it with another exit code.
    /// </summary>
    public static void EndFor(object defect)
    {
        try
        {
            Console.Error.WriteLine($"aether-agent: stopping because of a defect: {defect}");
        }
        catch (Exception)
        {
            // There may be no memory for the message; the exit code says the same.
        }

        Exit((int)ExitCode.Defect);
    }

    /// <summary>The process ends in order, so the thread is not needed.</summary>
    public void Dispose()
    {
        _over.Set();
        _failed.Set();
    }

    private void Watch()
    {
        _failed.Wait();
        if (_over.Wait(Patience))
            return;
        if (_outOfMemory)
            SayOutOfMemory();
        Exit(_code);
    }

    private static void SayOutOfMemory()
    {
        try
        {
            Console.Error.WriteLine(
                "aether-agent: stopping because an allocation failed outside of a commit, which may have cost a "
                + "client its answer. The next start recovers what was acknowledged; raise "
                + "spec.agent.resources.limits.memory.");
        }
        catch (Exception)
        {
            // There may be no memory for the message; the exit code says the same.
        }
    }

    // Not Environment.Exit, because that runs managed code and waits for it.
    [LibraryImport("libc", EntryPoint = "_exit")]
    private static partial void Exit(int code);
}
