using System.CommandLine;

namespace Aether.Cli;

/// <summary>
/// Runs a command line, for <c>aether</c> and <c>aether-agent</c> alike. Errors go to standard error, each with the
/// program's name and a hint to <c>--help</c>; shells get completions by the directive <c>[suggest]</c>.
/// </summary>
internal static class CommandInvoker
{
    // An argument that starts with @ is taken literally and not as a file of more arguments, because paths may start
    // so.
    private static readonly ParserConfiguration Parsing = new() { ResponseFileTokenReplacer = null };

    /// <summary>Runs the command that the arguments name.</summary>
    /// <param name="root">The tree of commands.</param>
    /// <param name="program">Name of the program, for errors.</param>
    /// <param name="arguments">The arguments.</param>
    /// <param name="output">Takes results and help.</param>
    /// <param name="errors">Takes errors.</param>
    /// <param name="badUsage">Exit code for invalid arguments.</param>
    public static async Task<int> RunAsync(
        RootCommand root,
        string program,
        IReadOnlyList<string> arguments,
        TextWriter output,
        TextWriter errors,
        int badUsage)
    {
        var parsed = root.Parse(arguments, Parsing);
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors)
                await errors.WriteLineAsync($"{program}: {error.Message}");
            await errors.WriteLineAsync($"{program}: see {program} --help.");
            return badUsage;
        }

        return await parsed.InvokeAsync(new InvocationConfiguration
        {
            EnableDefaultExceptionHandler = false,

            // The program handles signals itself. Ctrl-C ends a command of aether like any other program: no command
            // leaves unfinished work that the next run cannot finish, and a command that waits for a full pipe could
            // not end in order. The agent stops in its own order.
            ProcessTerminationTimeout = null,
            Output = output,
            Error = errors,
        });
    }
}
