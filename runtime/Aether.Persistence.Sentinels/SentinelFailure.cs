namespace Aether.Persistence.Sentinels;

/// <summary>Why sentinels did not name a primary.</summary>
public enum SentinelFailure
{
    /// <summary>None of them answers.</summary>
    NoneAnswers,

    /// <summary>Those that answer know no primary by that name.</summary>
    UnknownMaster,

    /// <summary>They refuse user or password, or the user may not ask for the primary.</summary>
    Refused,

    /// <summary>No TLS with one of them: its certificate is not accepted, or it does not accept the client's.</summary>
    Tls,

    /// <summary>What answers is no sentinel.</summary>
    NotASentinel,

    /// <summary>They name another primary than the one that a connection was about to be made to.</summary>
    Moved,
}
