namespace Aether.Persistence.Contracts;

/// <summary>
/// The meaning of the error answers of a Redis server, and what to do about each. Agent and operator share these texts,
/// so that both say the same about the same answer.
/// </summary>
public static class RedisAnswers
{
    // Answers that depend on which server the address leads to. The first three come from a server that is not, or not
    // yet, the serving primary. NOREPLICAS can come from a primary that was cut off while another server was promoted.
    private static readonly string[] OfAnotherServer = ["READONLY", "MASTERDOWN", "LOADING", "NOREPLICAS"];

    private static readonly string[] OfACluster = ["CLUSTERDOWN", "MOVED", "ASK", "CROSSSLOT", "TRYAGAIN"];

    // The request is sound, but the state of the server or a missing right prevents it.
    private static readonly string[] OfTheState =
    [
        .. OfAnotherServer, .. OfACluster, "MISCONF", "OOM", "BUSY", "NOPERM", "NOAUTH", "WRONGPASS", "EXECABORT",
        "UNKILLABLE",
    ];

    // How servers word NOPERM for a command inside a script: Redis 7, Redis 8 and Valkey, and keys in Redis 7.
    private static readonly string[] DeniedInAScript =
    [
        "user executing the script can't", "ACL failure in script", "can't access at least one of the keys",
    ];

    /// <summary>The error code that determines the meaning of an answer; null if it has no known code.</summary>
    /// <remarks>
    /// The error of a script contains the code: Redis 6 answers <c>ERR Error running script ... -READONLY ...</c>.
    /// </remarks>
    public static string? CodeOf(string answer)
    {
        ArgumentNullException.ThrowIfNull(answer);
        if (OfTheState.FirstOrDefault(code => Starts(answer, code)) is { } first)
            return first;
        if (!answer.StartsWith("ERR", StringComparison.Ordinal))
            return null;
        return DeniedInAScript.Any(text => answer.Contains(text, StringComparison.OrdinalIgnoreCase))
            ? "NOPERM"
            : OfTheState.FirstOrDefault(code => answer.Contains($"-{code} ", StringComparison.Ordinal));
    }

    /// <summary>Whether the cause is the server's state or a missing right, rather than a wrong request.</summary>
    public static bool IsOfTheState(string answer) => CodeOf(answer) is not null || IsRefusedCommand(answer);

    /// <summary>Whether a new connection to the same address may reach a server that serves.</summary>
    public static bool IsOfAnotherServer(string answer) => OfAnotherServer.Contains(CodeOf(answer));

    /// <summary>Whether only a member of a Redis Cluster gives this answer.</summary>
    public static bool IsOfACluster(string answer) =>
        OfACluster.Contains(CodeOf(answer))
        || (answer.StartsWith("ERR", StringComparison.Ordinal)
            && answer.Contains("cluster mode", StringComparison.OrdinalIgnoreCase));

    /// <summary>
    /// Whether the server does not know the command: it was renamed or disabled, or is not part of the service.
    /// </summary>
    public static bool IsRefusedCommand(string answer)
    {
        ArgumentNullException.ThrowIfNull(answer);
        return answer.StartsWith("ERR unknown command", StringComparison.OrdinalIgnoreCase)
            || answer.StartsWith("ERR unknown subcommand", StringComparison.OrdinalIgnoreCase)
            || answer.StartsWith("ERR This instance has", StringComparison.OrdinalIgnoreCase)
            || answer.StartsWith("ERR command is not", StringComparison.OrdinalIgnoreCase)
            || answer.StartsWith("ERR not support", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Whether the server does not let this user, or any user, run the command.</summary>
    public static bool IsRefusal(string answer) => IsRefusedCommand(answer) || CodeOf(answer) == "NOPERM";

    /// <summary>The meaning of the answer and what helps, in sentences; empty if the answer explains itself.</summary>
    public static string Explain(string answer) => CodeOf(answer) switch
    {
        "READONLY" => "The address leads to a read-only replica: it must lead to the primary. After a failover nothing "
            + "else is needed; each attempt connects again.",
        "MASTERDOWN" => "The address leads to a replica that has lost its primary: it must lead to the primary.",
        "LOADING" => "The server is loading its data after a start or as a new replica. It answers once that is done.",
        "NOREPLICAS" => "The server has fewer replicas in step than its min-replicas-to-write asks for and takes no "
            + "writes: bring replicas back, or check that the address leads to the primary.",
        "MISCONF" => "The server could not save its data to disk and takes no writes until it can "
            + "(stop-writes-on-bgsave-error): look at its log, and at the space on its disk.",
        "OOM" => "The server has reached its maxmemory and takes no writes: raise maxmemory, or remove what is not "
            + "needed. Its maxmemory-policy must stay noeviction or volatile-*, since an evicted snapshot is lost.",
        "BUSY" or "UNKILLABLE" => "Another client's script keeps the server busy.",
        "EXECABORT" => "",
        null => IsRefusedCommand(answer)
            ? "The server does not offer this command: it was renamed or disabled, or the provider does not allow it."
            : "",
        var code => OfACluster.Contains(code) ? ClusterRefusal : "",
    };

    /// <summary>Why a Redis Cluster is not supported, and what to use instead.</summary>
    public const string ClusterRefusal =
        "The server is a member of a Redis Cluster, which is not supported: its users exist on each node apart, so "
        + "worlds would be locked out and users left behind. Use a Redis with cluster mode off (cluster-enabled no), "
        + "with replicas and Sentinel where it must fail over.";

    private static bool Starts(string answer, string code) =>
        answer.StartsWith(code, StringComparison.Ordinal)
        && (answer.Length == code.Length || answer[code.Length] is ' ' or ':');
}
