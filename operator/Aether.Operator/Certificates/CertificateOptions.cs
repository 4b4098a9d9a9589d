namespace Aether.Operator.Certificates;

/// <summary>Names and lifetimes of the operator's own serving certificate.</summary>
internal sealed record CertificateOptions
{
    /// <summary>Namespace of the operator, its Service and the Secret.</summary>
    public required string Namespace { get; init; }

    /// <summary>Service that the API server calls. Default: aether-operator-webhook.</summary>
    public string Service { get; init; } = "aether-operator-webhook";

    /// <summary>Secret of the keys, shared by the replicas. Default: aether-operator-webhook-tls.</summary>
    public string Secret { get; init; } = "aether-operator-webhook-tls";

    /// <summary>Webhook configuration whose caBundle is maintained. Default: aether-operator.</summary>
    public string WebhookConfiguration { get; init; } = "aether-operator";

    /// <summary>
    /// How long an authority is valid; a new one is created after two thirds of it. Default: 360 days.
    /// </summary>
    public TimeSpan AuthorityLifetime { get; init; } = TimeSpan.FromDays(360);

    /// <summary>
    /// How long a serving certificate is valid; it is renewed after two thirds of it. Default: 90 days.
    /// </summary>
    public TimeSpan ServingLifetime { get; init; } = TimeSpan.FromDays(90);

    /// <summary>
    /// How long a new authority is only trusted before it issues, so that every API server has read the new caBundle by
    /// then. Default: 1 day.
    /// </summary>
    public TimeSpan TrustedAhead { get; init; } = TimeSpan.FromDays(1);

    /// <summary>Longest time between two reads of the Secret. Default: 1 hour.</summary>
    public TimeSpan CheckInterval { get; init; } = TimeSpan.FromHours(1);

    /// <summary>DNS names of the certificate.</summary>
    public IReadOnlyList<string> DnsNames => [$"{Service}.{Namespace}.svc", $"{Service}.{Namespace}", Service];
}
