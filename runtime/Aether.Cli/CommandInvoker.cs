using System.CommandLine;

namespace Aether.Cli;

/// <summary>
/// Runs a command line; <c>aether</c> and <c>aether-agent</c> do it alike. Errors go to standard error, each with the
/// program's name, and <c>--help</c> is named; shells get completions by the directive <c>[suggest]</c>.
/// </summary>
internal static class CommandInvoker
{
    // An argument that starts with @ is what it says, not a file of more arguments: paths may start so.
    private static readonly ParserConfiguration Parsing = new() { ResponseFileTokenReplacer = null };

    /// <summary>Runs the command that the arguments spell.</summary>
    /// <param name="root">The tree of commands.</param>
    /// <param name="program">Name of the program, for errors.</param>
    /// <param name="arguments">The arguments.</param>
    /// <param name="output">Takes results and help.</param>
    /// <param name="errors">Takes errors.</param>
    /// <param name="badUsage">Exit code for arguments that cannot be understood.</param>
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

            // Signals stay with the program. Ctrl-C ends a command of aether as it ends any program: no command leaves
            // work half done that the next run cannot finish, and a command that waits for a full pipe cannot end in
            // order. The agent stops in an order of its own.
            ProcessTerminationTimeout = null,
            Output = output,
            Error = errors,
        });
    }
}
