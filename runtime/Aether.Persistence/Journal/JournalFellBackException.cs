namespace Aether.Persistence.Journal;

/// <summary>
/// The journal lacks commits that it had acknowledged: its server has failed over to an asynchronous standby, or was
/// restored from an older backup. The agent stops; the next one ships from the volume what that still holds.
/// </summary>
/// <param name="last">Where the journal ends now.</param>
/// <param name="acknowledged">The last commit that it had acknowledged.</param>
/// <param name="inner">How the journal refused the next block.</param>
public sealed class JournalFellBackException(Sequence last, Sequence acknowledged, Exception inner) : Exception(
    $"The journal ends at commit {last}, though it had acknowledged those up to {acknowledged}: its server failed over "
    + "to an asynchronous standby, or was restored from an older backup. Start the agent again on the same volume: it "
    + "ships again what the volume holds. A standby that is synchronous loses nothing.",
    inner);
