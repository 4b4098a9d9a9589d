using System.Net;
using System.Text.RegularExpressions;
using Aether.Operator.Kinds;
using Aether.Persistence.Contracts;

namespace Aether.Operator;

/// <summary>
/// How the operator runs. Each property is set as <c>--Operator:Name=value</c> or as the environment variable
/// <c>Operator__Name</c>; docs/operator.md lists them.
/// </summary>
internal sealed partial record OperatorOptions
{
    /// <summary>Name of the section.</summary>
    public const string Section = "Operator";

    /// <summary>File to reach the API server by; null: as kubectl does, or as the pod does. Default: null.</summary>
    public string? Kubeconfig { get; init; }

    /// <summary>Address of /metrics, /healthz and /readyz. Default: 0.0.0.0:8080.</summary>
    public string HealthAddress { get; init; } = "0.0.0.0:8080";

    /// <summary>Address of the webhooks. Default: 0.0.0.0:8443.</summary>
    public string WebhookAddress { get; init; } = "0.0.0.0:8443";

    /// <summary>Namespace the operator runs in, and keeps its lease in. Default: aether-system.</summary>
    public string Namespace { get; init; } = "aether-system";

    /// <summary>
    /// Namespaces, separated by commas, whose worlds are looked after; the operator then needs no rights in others.
    /// Empty: all. Default: empty.
    /// </summary>
    public string WatchNamespaces { get; init; } = "";

    /// <summary>
    /// Folder of tls.crt and tls.key for the webhook, made, renewed and trusted by others, such as cert-manager; null:
    /// the operator makes its own. Default: null.
    /// </summary>
    public string? CertificateDirectory { get; init; }

    /// <summary>Whether replicas agree on one that acts. Default: true.</summary>
    public bool LeaderElection { get; init; } = true;

    /// <summary>How often each world's stores are looked at though nothing changed. Default: 30 s.</summary>
    public TimeSpan ResyncInterval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Delay after a world's first failure; it doubles with each further one. Default: 500 ms.</summary>
    public TimeSpan BackoffBase { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Longest delay between tries of a failing world. Default: 1 minute.</summary>
    public TimeSpan BackoffLimit { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How many worlds are worked on at once. Default: 8.</summary>
    public int Workers { get; init; } = 8;

    /// <summary>Image of the agent, where a world names none. Default: aether-agent:0.1.0.</summary>
    public string AgentImage { get; init; } = "aether-agent:0.1.0";

    /// <summary>
    /// Limits of agents whose world names none, as resource=quantity separated by commas, like cpu=1,memory=1Gi: for
    /// clusters whose quotas refuse containers without. Empty: none. Default: empty.
    /// </summary>
    public string AgentLimits { get; init; } = "";

    /// <summary>How agents write their log entries: Text or Json. Default: Text.</summary>
    public LogFormat AgentLogFormat { get; init; } = LogFormat.Text;

    /// <summary><see cref="AgentLimits"/> one by one.</summary>
    internal IReadOnlyDictionary<string, string> DefaultLimits => Split(AgentLimits)
        .Select(entry => entry.Split('=', 2, StringSplitOptions.TrimEntries))
        .ToDictionary(parts => parts[0], parts => parts[1]);

    /// <summary><see cref="WatchNamespaces"/> one by one; none means all.</summary>
    internal IReadOnlyList<string> WatchedNamespaces => Split(WatchNamespaces);

    /// <summary>Reads the section and checks it.</summary>
    /// <exception cref="ArgumentException">A value is out of range; the message names it.</exception>
    public static OperatorOptions Read(IConfiguration configuration)
    {
        var options = configuration.GetSection(Section).Get<OperatorOptions>() ?? new OperatorOptions();
        RequireEndpoint(nameof(HealthAddress), options.HealthAddress);
        RequireEndpoint(nameof(WebhookAddress), options.WebhookAddress);
        Require(nameof(ResyncInterval), options.ResyncInterval, TimeSpan.FromSeconds(1));
        Require(nameof(BackoffBase), options.BackoffBase, TimeSpan.FromMilliseconds(1));
        Require(nameof(BackoffLimit), options.BackoffLimit, options.BackoffBase);
        if (options.Workers is < 1 or > 64)
            throw new ArgumentException($"{Section}:{nameof(Workers)} is {options.Workers}: use 1 to 64.");
        if (options.WatchedNamespaces.FirstOrDefault(name => !NamespaceName().IsMatch(name)) is { } wrong)
            throw new ArgumentException(
                $"{Section}:{nameof(WatchNamespaces)} names '{wrong}', which no namespace can be called.");
        if (Split(options.AgentLimits).FirstOrDefault(entry => !IsLimit(entry)) is { } limit)
            throw new ArgumentException(
                $"{Section}:{nameof(AgentLimits)} holds '{limit}': write resource=quantity, like cpu=1,memory=1Gi.");
        if (options.CertificateDirectory is { } folder && !Directory.Exists(folder))
            throw new ArgumentException(
                $"{Section}:{nameof(CertificateDirectory)} is '{folder}', and there is no such folder: mount it.");
        if (options.Kubeconfig is { } file && !File.Exists(file))
            throw new ArgumentException($"{Section}:{nameof(Kubeconfig)} is '{file}', and there is no such file.");
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

    [GeneratedRegex("^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$")]
    private static partial Regex NamespaceName();
}
