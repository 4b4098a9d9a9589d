namespace Aether.Persistence.Journal;

/// <summary>
/// The journal lacks commits that it had acknowledged: its server has failed over to an asynchronous standby, or was
/// restored from an older backup. The agent stops; the next agent ships the missing commits that the volume still
/// holds.
/// </summary>
/// <param name="last">Where the journal ends now.</param>
/// <param name="acknowledged">The last commit that it had acknowledged.</param>
/// <param name="inner">The exception with which the journal refused the next block.</param>
public sealed class JournalFellBackException(Sequence last, Sequence acknowledged, Exception inner) : Exception(
    $"The journal ends at commit {last}, although it had acknowledged commit {acknowledged}: its server failed over "
    + "to an asynchronous standby, or was restored from an older backup. Restart the agent on the same volume: it "
    + "ships the missing commits that the volume holds. A synchronous standby would have lost nothing.",
    inner);
