namespace Aether.Persistence.Sentinels;

/// <summary>Why sentinels did not name a primary.</summary>
public enum SentinelFailure
{
    /// <summary>No sentinel answers.</summary>
    NoneAnswers,

    /// <summary>The sentinels that answer know no primary by that name.</summary>
    UnknownMaster,

    /// <summary>The sentinels refuse user or password, or the user may not ask for the primary.</summary>
    Refused,

    /// <summary>No TLS with a sentinel: its certificate is not accepted, or it does not accept the client's.</summary>
    Tls,

    /// <summary>The server that answers is not a sentinel.</summary>
    NotASentinel,

    /// <summary>The sentinels name another primary than the connection's server.</summary>
    Moved,
}
