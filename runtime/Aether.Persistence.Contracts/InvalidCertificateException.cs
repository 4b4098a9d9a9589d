namespace Aether.Persistence.Contracts;

/// <summary>A client certificate cannot be used.</summary>
public sealed class InvalidCertificateException(CertificateFault fault, Exception? inner = null)
    : Exception($"The client certificate cannot be used: {fault}.", inner)
{
    /// <summary>What is wrong with the certificate.</summary>
    public CertificateFault Fault { get; } = fault;
}
