namespace Aether.Operator.Certificates;

/// <summary>For whom the operator makes its serving certificate, and how long it lasts.</summary>
internal sealed record CertificateOptions
{
    /// <summary>Namespace of the operator: of its Service and of the Secret.</summary>
    public required string Namespace { get; init; }

    /// <summary>Service that the API server calls. Default: aether-operator-webhook.</summary>
    public string Service { get; init; } = "aether-operator-webhook";

    /// <summary>Secret of the keys, which replicas share. Default: aether-operator-webhook-tls.</summary>
    public string Secret { get; init; } = "aether-operator-webhook-tls";

    /// <summary>Whose caBundle is kept current. Default: aether-operator.</summary>
    public string WebhookConfiguration { get; init; } = "aether-operator";

    /// <summary>How long an authority is valid; it is followed at two thirds of that. Default: 360 days.</summary>
    public TimeSpan AuthorityLifetime { get; init; } = TimeSpan.FromDays(360);

    /// <summary>How long a serving certificate is valid; it is followed at two thirds of that. Default: 90 d.</summary>
    public TimeSpan ServingLifetime { get; init; } = TimeSpan.FromDays(90);

    /// <summary>
    /// How long a new authority is only trusted before it issues: every API server must have read the new caBundle by
    /// then. Default: 1 day.
    /// </summary>
    public TimeSpan TrustedAhead { get; init; } = TimeSpan.FromDays(1);

    /// <summary>Longest time between two looks at the Secret. Default: 1 hour.</summary>
    public TimeSpan CheckInterval { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Names the certificate is for.</summary>
    public IReadOnlyList<string> DnsNames => [$"{Service}.{Namespace}.svc", $"{Service}.{Namespace}", Service];
}
