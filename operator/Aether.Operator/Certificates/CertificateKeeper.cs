using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Threading.Channels;
using Aether.ControllerRuntime;
using k8s.Models;

namespace Aether.Operator.Certificates;

/// <summary>
/// Keeps a valid serving certificate, its Secret and the webhook configuration's caBundle consistent, and repairs them
/// if they were changed. It runs in every replica: the first write wins, and the other replicas adopt it.
/// </summary>
/// <remarks>
/// Only the webhook configuration is watched. Any relevant change of the Secret brings another bundle, and so a change
/// of the configuration.
/// </remarks>
[EntityRbac(typeof(V1MutatingWebhookConfiguration),
    Verbs = RbacVerb.Get | RbacVerb.List | RbacVerb.Watch | RbacVerb.Patch)]
[EntityRbac(typeof(V1Secret), Verbs = RbacVerb.Get | RbacVerb.Create | RbacVerb.Update)]
internal sealed partial class CertificateKeeper(
    IObjectClient objects, IEntityCache<V1MutatingWebhookConfiguration> configurations, CertificateOptions options,
    TimeProvider clock, ILogger<CertificateKeeper> logger) : BackgroundService, IServingCertificate
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(5);

    private readonly Channel<bool> _changes = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    private volatile ServingCertificates? _current;
    private volatile SslStreamCertificateContext? _context;
    private volatile bool _isReady;

    /// <summary>The serving certificate; null until there is one.</summary>
    public X509Certificate2? Serving => _current?.Serving;

    public SslStreamCertificateContext? Context => _context;

    /// <summary>Whether there is a certificate, and the webhook configuration, if it exists, trusts it.</summary>
    public bool IsReady => _isReady;

    private ObjectKey SecretKey => new(options.Namespace, options.Secret);

    private ObjectKey ConfigurationKey => new(null, options.WebhookConfiguration);

    /// <summary>Does the work that is due.</summary>
    /// <returns>The time until more work is due, unless something changes.</returns>
    public async Task<TimeSpan> KeepAsync(CancellationToken cancellationToken)
    {
        var certificates = await EnsureCertificatesAsync(cancellationToken);
        await EnsureTrustAsync(certificates.Bundle, cancellationToken);
        _isReady = true;

        var untilChange = certificates.NextChange - clock.GetUtcNow();
        return TimeSpan.FromTicks(Math.Clamp(untilChange.Ticks, TimeSpan.TicksPerSecond, options.CheckInterval.Ticks));
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var subscription = configurations.Subscribe(change =>
        {
            if (change.Key == ConfigurationKey)
                _changes.Writer.TryWrite(true);
        });

        while (!stoppingToken.IsCancellationRequested)
        {
            var pause = await TryKeepAsync(stoppingToken);
            await WaitAsync(pause, stoppingToken);
        }
    }

    private async Task<TimeSpan> TryKeepAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await KeepAsync(cancellationToken);
        }
        catch (Exception error) when (
            error is ApiException or HttpRequestException or IOException or OperationCanceledException
            && !cancellationToken.IsCancellationRequested)
        {
            LogFailed(error, RetryDelay);
            return RetryDelay;
        }
    }

    private async Task WaitAsync(TimeSpan pause, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(pause, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            await _changes.Reader.ReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return;
        }
    }

    // On a lost race, another replica has written: read again. The API server orders the writes, so one of the replicas
    // always succeeds.
    private async Task<ServingCertificates> EnsureCertificatesAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var secret = await objects.TryGetAsync<V1Secret>(SecretKey, cancellationToken);
            var stored = Read(secret);

            // If the Secret was deleted, restore it from the certificate in use, which the API server trusts.
            var wanted = ServingCertificates.At(clock.GetUtcNow(), stored ?? _current, options);
            if (ReferenceEquals(wanted, stored) || await TryStoreAsync(secret, wanted, cancellationToken))
            {
                if (_current?.Serving.Thumbprint != wanted.Serving.Thumbprint)
                {
                    // Clients already know the authority that issued it, so no chain is sent.
                    _context = SslStreamCertificateContext.Create(wanted.Serving, [], offline: true);
                    LogServing(wanted.Serving.Thumbprint, Validity.From(wanted.Serving).End);
                }

                _current = wanted;
                return wanted;
            }
        }
    }

    private ServingCertificates? Read(V1Secret? secret)
    {
        if (secret is null)
            return null;
        if (CertificateSecret.TryRead(secret, out var certificates))
            return certificates;

        LogUnreadable(SecretKey);
        return null;
    }

    private async Task<bool> TryStoreAsync(
        V1Secret? secret, ServingCertificates certificates, CancellationToken cancellationToken)
    {
        try
        {
            if (secret is not null)
            {
                CertificateSecret.Write(secret, certificates);
                await objects.ReplaceAsync(secret, cancellationToken);
                return true;
            }

            secret = new V1Secret
            {
                Metadata = new V1ObjectMeta { Name = options.Secret, NamespaceProperty = options.Namespace },
                Type = "Opaque",
            };
            CertificateSecret.Write(secret, certificates);
            await objects.CreateAsync(secret, cancellationToken);
            return true;
        }
        catch (ApiException error) when (error.IsConflict || error.IsAlreadyExists || error.IsNotFound)
        {
            return false;
        }
    }

    // As above: the replica that loses the race reads again, and then finds the work done or does it.
    private async Task EnsureTrustAsync(byte[] bundle, CancellationToken cancellationToken)
    {
        while (!await TryTrustAsync(bundle, cancellationToken))
            cancellationToken.ThrowIfCancellationRequested();
    }

    private async Task<bool> TryTrustAsync(byte[] bundle, CancellationToken cancellationToken)
    {
        var configuration = await objects.TryGetAsync<V1MutatingWebhookConfiguration>(
            ConfigurationKey, cancellationToken);
        if (configuration is null)
        {
            LogNoConfiguration(options.WebhookConfiguration);
            return true;
        }

        var patch = WebhookTrust.PatchFor(configuration, bundle);
        if (patch.IsEmpty)
            return true;

        try
        {
            await objects.PatchAsync<V1MutatingWebhookConfiguration>(ConfigurationKey, patch, cancellationToken);
        }
        catch (ApiException error) when (error.IsConflict)
        {
            return false;
        }
        LogTrusted(options.WebhookConfiguration);
        return true;
    }

    [LoggerMessage(6101, LogLevel.Information, "Serving webhooks with certificate {Thumbprint}, valid until {End}")]
    private partial void LogServing(string thumbprint, DateTimeOffset end);

    [LoggerMessage(6102, LogLevel.Information, "Wrote the caBundle of webhook configuration {Name}")]
    private partial void LogTrusted(string name);

    [LoggerMessage(6103, LogLevel.Warning,
        "The webhook configuration {Name} does not exist, so pods get no agent. Apply config/webhook")]
    private partial void LogNoConfiguration(string name);

    [LoggerMessage(6104, LogLevel.Warning, "Secret {Key} holds no usable certificates; replacing them")]
    private partial void LogUnreadable(ObjectKey key);

    [LoggerMessage(6105, LogLevel.Warning, "Could not check or renew the serving certificate; retrying in {Delay}")]
    private partial void LogFailed(Exception error, TimeSpan delay);
}
