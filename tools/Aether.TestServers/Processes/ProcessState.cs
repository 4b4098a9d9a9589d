namespace Aether.TestServers.Processes;

/// <summary>Reads the state of a process from the kernel (proc_pid_stat(5)).</summary>
internal static class ProcessState
{
    /// <summary>Whether the process is stopped: none of its threads runs, or will run before SIGCONT.</summary>
    public static bool IsStopped(int processId)
    {
        try
        {
            return Directory.EnumerateDirectories($"/proc/{processId}/task").All(IsThreadStopped);
        }
        catch (DirectoryNotFoundException)
        {
            return true;
        }
    }

    // Stopped, or ended. The state follows the name, which is in parentheses and may hold any character.
    private static bool IsThreadStopped(string thread)
    {
        try
        {
            var stat = File.ReadAllText(Path.Combine(thread, "stat"));
            return stat[stat.LastIndexOf(')') + 2] is 'T' or 'Z' or 'X';
        }
        catch (IOException)
        {
            return true;
        }
    }
}
