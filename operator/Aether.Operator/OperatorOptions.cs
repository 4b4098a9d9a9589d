using System.Net;
using System.Text.RegularExpressions;
using Aether.Operator.Kinds;
using Aether.Persistence.Contracts;

namespace Aether.Operator;

/// <summary>
/// Settings of the operator. Each property is set as <c>--Operator:Name=value</c> or as the environment variable
/// <c>Operator__Name</c>; docs/operator.md lists them.
/// </summary>
internal sealed partial record OperatorOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Operator";

    /// <summary>
    /// Kubeconfig file for the API server; null for the file that kubectl would use, or the pod's service account.
    /// Default: null.
    /// </summary>
    public string? Kubeconfig { get; init; }

    /// <summary>Address of /metrics, /healthz and /readyz. Default: 0.0.0.0:8080.</summary>
    public string HealthAddress { get; init; } = "0.0.0.0:8080";

    /// <summary>Address of the webhooks. Default: 0.0.0.0:8443.</summary>
    public string WebhookAddress { get; init; } = "0.0.0.0:8443";

    /// <summary>Namespace of the operator and of its lease. Default: aether-system.</summary>
    public string Namespace { get; init; } = "aether-system";

    /// <summary>
    /// Namespaces whose worlds the operator manages, separated by commas; it then needs no rights in others. Empty:
    /// all. Default: empty.
    /// </summary>
    public string WatchNamespaces { get; init; } = "";

    /// <summary>
    /// The operator manages only backends and worlds whose label persistence.aether.dev/shard has this value. Empty:
    /// those without the label. Default: empty.
    /// </summary>
    public string Shard { get; init; } = "";

    /// <summary>
    /// Folder of tls.crt and tls.key for the webhook, provided by a tool such as cert-manager that also makes the API
    /// server trust them. Null: the operator issues its own certificate. Default: null.
    /// </summary>
    public string? CertificateDirectory { get; init; }

    /// <summary>Whether only one of several replicas, the leader, reconciles. Default: true.</summary>
    public bool LeaderElection { get; init; } = true;

    /// <summary>How often the stores are surveyed for drift of all worlds at once. Default: 1 minute.</summary>
    public TimeSpan DriftInterval { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How often each world is reconciled although nothing changed. Default: 1 hour.</summary>
    public TimeSpan ResyncInterval { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Delay after a world's first failure; doubles with each further failure. Default: 500 ms.</summary>
    public TimeSpan BackoffBase { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Longest delay between retries of a failing world. Default: 1 minute.</summary>
    public TimeSpan BackoffLimit { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How many worlds are reconciled at the same time. Default: 8.</summary>
    public int Workers { get; init; } = 8;

    /// <summary>
    /// How many worlds per second the operator inspects in one store; as many may follow each other at once after a
    /// quiet second. Default: 100.
    /// </summary>
    public int InspectionsPerSecond { get; init; } = 100;

    /// <summary>Image of the agent if a world sets none. Default: aether-agent:0.1.0.</summary>
    public string AgentImage { get; init; } = "aether-agent:0.1.0";

    /// <summary>
    /// Limits of agents whose world sets none, as resource=quantity separated by commas, like cpu=1,memory=1Gi. For
    /// clusters whose quotas refuse containers without limits. Empty: none. Default: empty.
    /// </summary>
    public string AgentLimits { get; init; } = "";

    /// <summary>Format of the agents' log entries: Text or Json. Default: Text.</summary>
    public LogFormat AgentLogFormat { get; init; } = LogFormat.Text;

    /// <summary><see cref="AgentLimits"/> as a dictionary.</summary>
    internal IReadOnlyDictionary<string, string> DefaultLimits => Split(AgentLimits)
        .Select(entry => entry.Split('=', 2, StringSplitOptions.TrimEntries))
        .ToDictionary(parts => parts[0], parts => parts[1]);

    /// <summary><see cref="WatchNamespaces"/> as a list; empty means all.</summary>
    internal IReadOnlyList<string> WatchedNamespaces => Split(WatchNamespaces);

    /// <summary>Reads and validates the section.</summary>
    /// <exception cref="ArgumentException">A value is invalid; the message names it.</exception>
    public static OperatorOptions Read(IConfiguration configuration)
    {
        var options = configuration.GetSection(Section).Get<OperatorOptions>() ?? new OperatorOptions();
        RequireEndpoint(nameof(HealthAddress), options.HealthAddress);
        RequireEndpoint(nameof(WebhookAddress), options.WebhookAddress);
        Require(nameof(DriftInterval), options.DriftInterval, TimeSpan.FromSeconds(1));
        Require(nameof(ResyncInterval), options.ResyncInterval, TimeSpan.FromSeconds(1));
        Require(nameof(BackoffBase), options.BackoffBase, TimeSpan.FromMilliseconds(1));
        Require(nameof(BackoffLimit), options.BackoffLimit, options.BackoffBase);
        Require(nameof(Workers), options.Workers, 64);
        Require(nameof(InspectionsPerSecond), options.InspectionsPerSecond, 10_000);
        if (options.WatchedNamespaces.FirstOrDefault(name => !NamespaceName().IsMatch(name)) is { } wrong)
            throw new ArgumentException(
                $"{Section}:{nameof(WatchNamespaces)} names '{wrong}', which is not a valid name of a namespace.");
        if (options.Shard.Length > 0 && !ShardName().IsMatch(options.Shard))
            throw new ArgumentException(
                $"{Section}:{nameof(Shard)} is '{options.Shard}': use at most 32 lower-case letters, digits and '-', "
                + "beginning with a letter.");
        if (Split(options.AgentLimits).FirstOrDefault(entry => !IsLimit(entry)) is { } limit)
            throw new ArgumentException(
                $"{Section}:{nameof(AgentLimits)} holds '{limit}': write resource=quantity, like cpu=1,memory=1Gi.");
        if (options.CertificateDirectory is { } folder && !Directory.Exists(folder))
            throw new ArgumentException(
                $"{Section}:{nameof(CertificateDirectory)} is '{folder}', but that folder does not exist: mount it.");
        if (options.Kubeconfig is { } file && !File.Exists(file))
            throw new ArgumentException($"{Section}:{nameof(Kubeconfig)} is '{file}', but that file does not exist.");
        return options;
    }

    private static string[] Split(string list) => list.Split(
        ',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private static bool IsLimit(string entry) =>
        entry.Split('=', 2, StringSplitOptions.TrimEntries) is [{ Length: > 0 }, var quantity]
        && FieldPatterns.Matches(quantity, FieldPatterns.Quantity);

    private static void RequireEndpoint(string name, string value)
    {
        if (!IPEndPoint.TryParse(value, out var endpoint) || endpoint.Port == 0)
            throw new ArgumentException($"{Section}:{name} is '{value}': write it as address:port, like 0.0.0.0:8080.");
    }

    private static void Require(string name, TimeSpan value, TimeSpan least)
    {
        if (value < least)
            throw new ArgumentException($"{Section}:{name} is {value}: use at least {least}.");
    }

    private static void Require(string name, int value, int most)
    {
        if (value < 1 || value > most)
            throw new ArgumentException($"{Section}:{name} is {value}: use 1 to {most}.");
    }

    [GeneratedRegex("^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$")]
    private static partial Regex NamespaceName();

    [GeneratedRegex("^[a-z]([-a-z0-9]{0,30}[a-z0-9])?$")]
    private static partial Regex ShardName();
}
