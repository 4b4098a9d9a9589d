using System.Text;

namespace Aether.Cli;

/// <summary>Runs one command.</summary>
internal static class Program
{
    private static async Task<int> Main(string[] arguments)
    {
        // A log has many lines: not one system call for each, as Console.Out would do.
        await using var output = new StreamWriter(Console.OpenStandardOutput(), new UTF8Encoding(false), 1 << 16);
        return (int)await new AetherCommand(output, Console.Error, TimeProvider.System).RunAsync(arguments);
    }
}
