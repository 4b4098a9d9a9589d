using System.Runtime.InteropServices;
using Aether.Agent.Worlds;
using Aether.Persistence;

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
    private volatile bool _outOfMemory;

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

    /// <summary>
    /// An exception was thrown, and may be handled yet. A failed allocation ends the process within a few seconds
    /// unless the engine expects it: Kestrel and gRPC do not survive one, and a connection that lost a step by it stays
    /// open and answers nobody.
    /// </summary>
    public void Notice(Exception thrown)
    {
        if (thrown is not OutOfMemoryException || SurvivableAllocations.Here)
            return;
        _outOfMemory = true;
        Arm(thrown);
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
            // There may be no memory for it; the exit code says as much.
        }
    }

    // Not Environment.Exit, which runs managed code and waits for it.
    [LibraryImport("libc", EntryPoint = "_exit")]
    private static partial void Exit(int code);
}
