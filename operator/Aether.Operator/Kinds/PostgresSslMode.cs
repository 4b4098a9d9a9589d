namespace Aether.Operator.Kinds;

/// <summary>How a connection to PostgreSQL is protected, in Npgsql's terms.</summary>
internal enum PostgresSslMode
{
    /// <summary>No TLS.</summary>
    Disable,

    /// <summary>TLS if the server offers it.</summary>
    Prefer,

    /// <summary>TLS without checking the certificate.</summary>
    Require,

    /// <summary>TLS with a certificate signed by a trusted CA.</summary>
    VerifyCA,

    /// <summary>As VerifyCA, with a certificate issued to this host.</summary>
    VerifyFull,
}
