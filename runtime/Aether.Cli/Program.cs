using System.Text;

namespace Aether.Cli;

/// <summary>Runs one command; the agent's program does the same when it is called by the command's name.</summary>
public static class Program
{
    /// <summary>Name of the command.</summary>
    public const string Name = "aether";

    /// <summary>Runs the command these arguments spell, and returns its exit code.</summary>
    public static async Task<int> Main(string[] arguments)
    {
        // A log has many lines: not one system call for each, as Console.Out would do.
        await using var output = new StreamWriter(Console.OpenStandardOutput(), new UTF8Encoding(false), 1 << 16);
        return await new AetherCommand(output, Console.Error, TimeProvider.System).RunAsync(arguments);
    }
}
