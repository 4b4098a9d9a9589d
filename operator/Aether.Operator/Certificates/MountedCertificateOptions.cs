namespace Aether.Operator.Certificates;

/// <summary>The folder into which a provider such as cert-manager puts the serving certificate.</summary>
internal sealed record MountedCertificateOptions
{
    /// <summary>Folder of tls.crt (the certificate and its chain) and tls.key, both PEM.</summary>
    public required string Directory { get; init; }

    /// <summary>How often the files are read. Default: 10 s.</summary>
    public TimeSpan CheckInterval { get; init; } = TimeSpan.FromSeconds(10);
}
