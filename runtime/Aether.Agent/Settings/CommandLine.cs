using Aether.Persistence.Contracts;

namespace Aether.Agent.Settings;

/// <summary>What the agent was told on its command line; everything else are <c>AETHER_*</c> settings.</summary>
internal sealed record CommandLine
{
    /// <summary>What --help prints.</summary>
    public const string Usage = """
        aether-agent keeps the state of the world beside it.

          aether-agent                    settings from AETHER_* variables, then from one file per variable in
                                          $AETHER_CONFIG_DIRECTORY; the operator provides them
          aether-agent --local DIR        a world of its own in DIR: no servers, no Kubernetes

          --socket PATH                   gRPC on this Unix socket       (AETHER_SOCKET; local: DIR/agent.sock)
          --http-socket PATH              JSON on this Unix socket       (AETHER_HTTP_SOCKET; local: DIR/http.sock)
          --health IP:PORT                /healthz, /readyz, /metrics    (AETHER_HEALTH_ADDRESS; local: 127.0.0.1:0)
          --help, --version

        Exit codes: 0 stopped, 1 bad configuration, 2 log failed, 3 fenced, 4 recovery failed, 5 defect,
        6 stopped with commits that are not in the journal.
        """;

    /// <summary>Folder of a local world; null: a world with servers.</summary>
    public string? LocalDirectory { get; private init; }

    /// <summary>Whether to print <see cref="Usage"/> and end.</summary>
    public bool Help { get; private init; }

    /// <summary>Whether to print the version and end.</summary>
    public bool Version { get; private init; }

    /// <summary>Settings given as options; they win over environment and files.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; private init; } = new Dictionary<string, string>();

    /// <exception cref="InvalidSettingsException">An option is unknown or lacks its value.</exception>
    public static CommandLine Parse(IReadOnlyList<string> arguments)
    {
        var parsed = new CommandLine();
        var settings = new Dictionary<string, string>();
        for (var i = 0; i < arguments.Count; i++)
        {
            var option = arguments[i];
            switch (option)
            {
                case "--help" or "-h":
                    parsed = parsed with { Help = true };
                    break;
                case "--version":
                    parsed = parsed with { Version = true };
                    break;
                case "--local":
                    parsed = parsed with { LocalDirectory = Path.GetFullPath(Value(arguments, ++i, option)) };
                    break;
                case "--socket":
                    settings[AetherVariables.Socket] = Value(arguments, ++i, option);
                    break;
                case "--http-socket":
                    settings[AetherVariables.HttpSocket] = Value(arguments, ++i, option);
                    break;
                case "--health":
                    settings[AetherVariables.HealthAddress] = Value(arguments, ++i, option);
                    break;
                default:
                    throw new InvalidSettingsException([$"'{option}' is no option. See aether-agent --help."]);
            }
        }

        return parsed with { Settings = settings };
    }

    private static string Value(IReadOnlyList<string> arguments, int index, string option) =>
        index < arguments.Count && arguments[index].Length > 0
            ? arguments[index]
            : throw new InvalidSettingsException([$"{option} needs a value. See aether-agent --help."]);
}
