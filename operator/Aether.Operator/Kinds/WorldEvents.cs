namespace Aether.Operator.Kinds;

/// <summary>Reasons and actions of the events about worlds and backends.</summary>
internal static class WorldEvents
{
    /// <summary>One or more stores became ready; the note names each.</summary>
    public const string StoreReady = "StoreReady";

    /// <summary>A store is no longer ready, or for another reason than before.</summary>
    public const string StoreNotReady = "StoreNotReady";

    /// <summary>An object in a store was changed from outside and was repaired.</summary>
    public const string DriftRepaired = "DriftRepaired";

    /// <summary>A store was changed to follow a changed spec.</summary>
    public const string StoreUpdated = "StoreUpdated";

    /// <summary>The world's Secret was rewritten.</summary>
    public const string SecretUpdated = "SecretUpdated";

    /// <summary>The resource was deleted, and its stores were kept.</summary>
    public const string StoresRetained = "StoresRetained";

    /// <summary>The resource was deleted with its stores.</summary>
    public const string StoresDeleted = "StoresDeleted";

    /// <summary>Commits on a volume are not part of the world and were kept in diverged/.</summary>
    public const string CommitsDiverged = "CommitsDiverged";

    /// <summary>A pod opened the world: another one, or the same one again.</summary>
    public const string WriterChanged = "WriterChanged";

    /// <summary>The writer no longer reports and sent no final report.</summary>
    public const string AgentSilent = "AgentSilent";

    /// <summary>The writer reaches the journal again.</summary>
    public const string JournalReachable = "JournalReachable";

    /// <summary>
    /// A rotation has begun: the Secret holds both credentials, and the stores accept the former ones.
    /// </summary>
    public const string CredentialsAnnounced = "CredentialsAnnounced";

    /// <summary>The world's credentials were replaced.</summary>
    public const string CredentialsRotated = "CredentialsRotated";

    /// <summary>An agent reported that it cannot continue.</summary>
    public const string AgentFailed = "AgentFailed";

    /// <summary>The serving agent cannot store snapshots.</summary>
    public const string SnapshotStoreUnreachable = "SnapshotStoreUnreachable";

    /// <summary>The agent stopped without storing acknowledged commits that exist nowhere else.</summary>
    public const string CommitsLost = "CommitsLost";

    /// <summary>Action: provisioning stores.</summary>
    public const string Provision = "Provision";

    /// <summary>Action: reading the spec or the backend.</summary>
    public const string Resolve = "Resolve";

    /// <summary>Action: recovering a world.</summary>
    public const string Recover = "Recover";

    /// <summary>Action: observing agents' reports.</summary>
    public const string Observe = "Observe";

    /// <summary>Action: cleaning up.</summary>
    public const string Finalize = "Finalize";
}
