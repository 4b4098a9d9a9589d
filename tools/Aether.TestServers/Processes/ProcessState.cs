namespace Aether.TestServers.Processes;

/// <summary>What the kernel tells of a process (proc_pid_stat(5)).</summary>
internal static class ProcessState
{
    /// <summary>Whether no thread of it runs, or will run before it is told to go on.</summary>
    public static bool StandsStill(int processId)
    {
        try
        {
            return Directory.EnumerateDirectories($"/proc/{processId}/task").All(IsStill);
        }
        catch (DirectoryNotFoundException)
        {
            return true;
        }
    }

    // Stopped, or ended. The state follows the name, which is in parentheses and may hold any character.
    private static bool IsStill(string thread)
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
