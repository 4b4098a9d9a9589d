namespace Aether.Operator.Kinds;

/// <summary>How a connection to PostgreSQL is protected; the words are Npgsql's.</summary>
internal enum PostgresSslMode
{
    /// <summary>No TLS.</summary>
    Disable,

    /// <summary>TLS where the server offers it.</summary>
    Prefer,

    /// <summary>TLS, certificate not checked.</summary>
    Require,

    /// <summary>TLS, certificate signed by a known CA.</summary>
    VerifyCA,

    /// <summary>As VerifyCA, and issued to this host.</summary>
    VerifyFull,
}
