using System.CommandLine;
using System.CommandLine.Invocation;
using Aether.Agent.Settings;
using Aether.Cli;
using Aether.Persistence.Contracts;

namespace Aether.Agent.Hosting;

/// <summary>The options of <c>aether-agent</c>, with --help and --version.</summary>
internal static class AgentCommand
{
    /// <summary>Name of the program.</summary>
    public const string Name = "aether-agent";

    private const string Description = $"""
        The agent keeps the state of the world beside it.

        Its settings come from AETHER_* variables, then from one file per variable in
        ${AetherVariables.ConfigDirectory}; the operator provides them. With --local it serves a world of its own in a
        folder: no servers, no Kubernetes.

        Exit codes: 0 stopped, 1 bad configuration, 2 log failed, 3 fenced, 4 recovery failed, 5 defect,
        6 stopped with commits that are not in the journal.
        """;

    /// <summary>Runs the agent with these arguments and returns the exit code.</summary>
    /// <param name="arguments">The arguments.</param>
    /// <param name="output">Takes help and version.</param>
    /// <param name="errors">Takes errors of the command line.</param>
    /// <param name="runAsync">Runs the agent.</param>
    public static Task<int> RunAsync(
        IReadOnlyList<string> arguments,
        TextWriter output,
        TextWriter errors,
        Func<CommandLine, Task<ExitCode>> runAsync)
    {
        var local = Define("--local", "DIR", "Serve a world without a cluster from this folder");
        (string Setting, Option<string?> Option)[] settings =
        [
            (AetherVariables.Socket, Define(
                "--socket", "PATH", $"gRPC on this Unix socket ({AetherVariables.Socket}; local: DIR/agent.sock)")),
            (AetherVariables.HttpSocket, Define(
                "--http-socket", "PATH",
                $"JSON on this Unix socket ({AetherVariables.HttpSocket}; local: DIR/http.sock)")),
            (AetherVariables.HealthAddress, Define(
                "--health", "IP:PORT",
                $"/healthz, /readyz and /metrics ({AetherVariables.HealthAddress}; local: 127.0.0.1:0)")),
        ];

        var root = new RootCommand(Description) { local };
        foreach (var (_, option) in settings)
            root.Add(option);
        root.Options.OfType<VersionOption>().Single().Action = new PrintVersion();
        root.SetAction(async (parsed, _) => (int)await runAsync(new CommandLine
        {
            LocalDirectory = parsed.GetValue(local) is { } folder ? Path.GetFullPath(folder) : null,
            Settings = settings
                .Where(setting => parsed.GetValue(setting.Option) is not null)
                .ToDictionary(setting => setting.Setting, setting => parsed.GetValue(setting.Option)!),
        }));
        return CommandInvoker.RunAsync(root, Name, arguments, output, errors, (int)ExitCode.BadConfiguration);
    }

    private static Option<string?> Define(string name, string value, string description)
    {
        var option = new Option<string?>(name) { HelpName = value, Description = description };
        option.Validators.Add(result =>
        {
            if (result.Tokens.Any(token => token.Value.Length == 0))
                result.AddError($"{name} needs a value.");
        });
        return option;
    }

    private sealed class PrintVersion : SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parseResult)
        {
            parseResult.InvocationConfiguration.Output.WriteLine($"{Name} {AgentVersion.Text}");
            return (int)ExitCode.Stopped;
        }
    }
}
