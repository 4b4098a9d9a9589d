namespace Aether.Persistence.Contracts;

/// <summary>
/// What the error answers of a Redis server mean, and what to do about each. Agent and operator meet the same answers
/// and must say the same about them.
/// </summary>
public static class RedisAnswers
{
    // Answers that depend on which server the address leads to. The first four are those of a server that is not, or
    // not yet, the primary that serves; NOREPLICAS may be one that was cut off while another was promoted.
    private static readonly string[] OfAnotherServer = ["READONLY", "MASTERDOWN", "LOADING", "NOREPLICAS"];

    private static readonly string[] OfACluster = ["CLUSTERDOWN", "MOVED", "ASK", "CROSSSLOT", "TRYAGAIN"];

    // The server's state or a right is in the way, and the request itself is sound.
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

    /// <summary>The error code that decides what an answer means; null where there is none that is known.</summary>
    /// <remarks>
    /// A script's error carries the code inside: Redis 6 answers <c>ERR Error running script ... -READONLY ...</c>.
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

    /// <summary>Whether the answer comes of the server's state or of rights, not of a wrong request.</summary>
    public static bool IsOfTheState(string answer) => CodeOf(answer) is not null || IsRefusedCommand(answer);

    /// <summary>Whether a new connection through the same address may meet a server that serves.</summary>
    public static bool IsOfAnotherServer(string answer) => OfAnotherServer.Contains(CodeOf(answer));

    /// <summary>Whether the answer is one that only a member of a Redis Cluster gives.</summary>
    public static bool IsOfACluster(string answer) =>
        OfACluster.Contains(CodeOf(answer))
        || (answer.StartsWith("ERR", StringComparison.Ordinal)
            && answer.Contains("cluster mode", StringComparison.OrdinalIgnoreCase));

    /// <summary>Whether the server does not know a command: renamed, disabled, or not part of the service.</summary>
    public static bool IsRefusedCommand(string answer)
    {
        ArgumentNullException.ThrowIfNull(answer);
        return answer.StartsWith("ERR unknown command", StringComparison.OrdinalIgnoreCase)
            || answer.StartsWith("ERR unknown subcommand", StringComparison.OrdinalIgnoreCase)
            || answer.StartsWith("ERR This instance has", StringComparison.OrdinalIgnoreCase)
            || answer.StartsWith("ERR command is not", StringComparison.OrdinalIgnoreCase)
            || answer.StartsWith("ERR not support", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Whether the server does not let this user, or anybody, use the command.</summary>
    public static bool IsRefusal(string answer) => IsRefusedCommand(answer) || CodeOf(answer) == "NOPERM";

    /// <summary>What the answer means and what helps, as sentences; empty where the answer itself has to do.</summary>
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

    /// <summary>Why a Redis Cluster is not used, and what to use.</summary>
    public const string ClusterRefusal =
        "The server is a member of a Redis Cluster, which is not supported: its users exist on each node apart, so "
        + "worlds would be locked out and users left behind. Use a Redis with cluster mode off (cluster-enabled no), "
        + "with replicas and Sentinel where it must fail over.";

    private static bool Starts(string answer, string code) =>
        answer.StartsWith(code, StringComparison.Ordinal)
        && (answer.Length == code.Length || answer[code.Length] is ' ' or ':');
}
