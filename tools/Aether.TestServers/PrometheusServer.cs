using System.Globalization;
using Aether.TestServers.Processes;

namespace Aether.TestServers;

/// <summary>Prometheus, which scrapes the targets in its configuration.</summary>
/// <param name="configuration">Text of its configuration file.</param>
public sealed class PrometheusServer(string configuration) : TestServer("prometheus")
{
    /// <summary>URL for queries.</summary>
    public Uri Url => new(string.Create(CultureInfo.InvariantCulture, $"http://{Host}:{Port}/"));

    private string ConfigurationFile => Path.Combine(Folder, "prometheus.yml");

    /// <inheritdoc />
    protected override Task PrepareAsync(CancellationToken cancellationToken) =>
        File.WriteAllTextAsync(ConfigurationFile, configuration, cancellationToken);

    /// <inheritdoc />
    protected override ProcessSpec Describe() => new()
    {
        Name = "prometheus",
        FileName = Binary.Find("prometheus", "prometheus"),
        Arguments =
        [
            "--config.file", ConfigurationFile,
            "--storage.tsdb.path", Path.Combine(Folder, "data"),
            "--web.listen-address", string.Create(CultureInfo.InvariantCulture, $"{Host}:{Port}"),
        ],
        WorkingDirectory = Folder,
        LogDirectory = Folder,
    };

    /// <inheritdoc />
    protected override bool IsReady(string line) =>
        line.Contains("Server is ready to receive web requests", StringComparison.Ordinal);
}
