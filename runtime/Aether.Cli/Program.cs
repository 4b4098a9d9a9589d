using System.Text;

namespace Aether.Cli;

/// <summary>Runs one command; the agent's program does the same if it is called by the command's name.</summary>
public static class Program
{
    /// <summary>Name of the command.</summary>
    public const string Name = "aether";

    /// <summary>Runs the command that these arguments name, and returns its exit code.</summary>
    public static async Task<int> Main(string[] arguments)
    {
        // A log has many lines, and Console.Out would make one system call for each.
        await using var output = new StreamWriter(Console.OpenStandardOutput(), new UTF8Encoding(false), 1 << 16);
        return await new AetherCommand(output, Console.Error, TimeProvider.System).RunAsync(arguments);
    }
}
