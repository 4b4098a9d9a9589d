using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Aether.Operator.Certificates;

/// <summary>
/// Serves a certificate from the files of a mounted Secret and rereads them when they change. Creating it, renewing it
/// and making the API server trust it is the task of its provider. While the files are unusable, the former certificate
/// stays in use.
/// </summary>
internal sealed partial class MountedCertificate(
    MountedCertificateOptions options, TimeProvider clock, ILogger<MountedCertificate> logger)
    : BackgroundService, IServingCertificate
{
    private volatile SslStreamCertificateContext? _context;
    private (string Certificate, string Key) _files;

    public SslStreamCertificateContext? Context => _context;

    public bool IsReady => _context is not null;

    private string CertificateFile => Path.Combine(options.Directory, "tls.crt");

    private string KeyFile => Path.Combine(options.Directory, "tls.key");

    /// <summary>Reads the files, and uses them if they are new and usable.</summary>
    public async Task ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            var files = (
                await File.ReadAllTextAsync(CertificateFile, cancellationToken),
                await File.ReadAllTextAsync(KeyFile, cancellationToken));
            if (files == _files)
                return;

            _context = Read(files);
            _files = files;
            var served = _context.TargetCertificate;
            LogServing(served.Thumbprint, CertificateFile, Validity.From(served).End);
        }
        catch (Exception error) when (
            error is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            LogUnusable(options.Directory, error.Message, options.CheckInterval);
        }
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.CheckInterval, clock);
        do
        {
            await ReadAsync(stoppingToken);
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    // For a moment the two files may belong to different certificates: CreateFromPem refuses a key that does not match.
    private static SslStreamCertificateContext Read((string Certificate, string Key) files)
    {
        var certificate = X509Certificate2.CreateFromPem(files.Certificate, files.Key);
        var chain = new X509Certificate2Collection();
        chain.ImportFromPem(files.Certificate);
        return SslStreamCertificateContext.Create(certificate, [.. chain.Skip(1)], offline: true);
    }

    [LoggerMessage(6106, LogLevel.Information,
        "Serving webhooks with certificate {Thumbprint} from {File}, valid until {End}")]
    private partial void LogServing(string thumbprint, string file, DateTimeOffset end);

    [LoggerMessage(6107, LogLevel.Warning,
        "The files tls.crt and tls.key in {Directory} are unusable; reading them again in {Delay}: {Reason}")]
    private partial void LogUnusable(string directory, string reason, TimeSpan delay);
}
