namespace Aether.Operator.Kinds;

/// <summary>Reasons and actions of the events about worlds and backends.</summary>
internal static class WorldEvents
{
    /// <summary>A store became ready.</summary>
    public const string StoreReady = "StoreReady";

    /// <summary>A store stopped being ready, or is not for another reason than before.</summary>
    public const string StoreNotReady = "StoreNotReady";

    /// <summary>An object in a store was changed from outside and was repaired.</summary>
    public const string DriftRepaired = "DriftRepaired";

    /// <summary>A store was changed to follow a changed spec.</summary>
    public const string StoreUpdated = "StoreUpdated";

    /// <summary>The world's Secret was written again.</summary>
    public const string SecretUpdated = "SecretUpdated";

    /// <summary>The resource is gone, its stores stay.</summary>
    public const string StoresRetained = "StoresRetained";

    /// <summary>The resource is gone, and so are its stores.</summary>
    public const string StoresDeleted = "StoresDeleted";

    /// <summary>Commits on a volume are not part of the world and were kept in diverged/.</summary>
    public const string CommitsDiverged = "CommitsDiverged";

    /// <summary>Another pod opened the world, or the same one again.</summary>
    public const string WriterChanged = "WriterChanged";

    /// <summary>The writer no longer reports, and sent no final report.</summary>
    public const string AgentSilent = "AgentSilent";

    /// <summary>The writer reaches the journal again.</summary>
    public const string JournalReachable = "JournalReachable";

    /// <summary>The world's credentials are being replaced: both are mounted, the former ones are in force.</summary>
    public const string CredentialsAnnounced = "CredentialsAnnounced";

    /// <summary>The world's credentials were replaced.</summary>
    public const string CredentialsRotated = "CredentialsRotated";

    /// <summary>An agent reported that it cannot continue.</summary>
    public const string AgentFailed = "AgentFailed";

    /// <summary>The snapshots of the agent that serves the world are not stored.</summary>
    public const string SnapshotStoreUnreachable = "SnapshotStoreUnreachable";

    /// <summary>The agent stopped, and acknowledged commits that nothing else holds were not stored.</summary>
    public const string CommitsLost = "CommitsLost";

    /// <summary>Action: bringing stores into their state.</summary>
    public const string Provision = "Provision";

    /// <summary>Action: reading spec or backend.</summary>
    public const string Resolve = "Resolve";

    /// <summary>Action: coming back.</summary>
    public const string Recover = "Recover";

    /// <summary>Action: hearing what agents report.</summary>
    public const string Observe = "Observe";

    /// <summary>Action: cleaning up.</summary>
    public const string Finalize = "Finalize";
}
