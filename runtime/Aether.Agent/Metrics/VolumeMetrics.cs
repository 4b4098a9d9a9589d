using Aether.Agent.Settings;
using Aether.Persistence.Inspection;
using Aether.Persistence.Runtime;
using Aether.Persistence.Storage;
using Prometheus;

namespace Aether.Agent.Metrics;

/// <summary>Gauges of the volume: how full it is, and leftovers on it that need an operator's attention.</summary>
internal sealed partial class VolumeMetrics
{
    private readonly IFileSystem? _volume;
    private readonly string _folder;
    private readonly ILogger _logger;
    private readonly OptionalGauge _sizeBytes;
    private readonly OptionalGauge _freeBytes;
    private readonly OptionalGauge _divergedTails;
    private readonly Counter _fencings;

    /// <param name="factory">Declares the instruments.</param>
    /// <param name="options">The agent's settings.</param>
    /// <param name="volume">The volume; null for a world without one.</param>
    /// <param name="logger">Reports an unreadable volume.</param>
    public VolumeMetrics(
        IMetricFactory factory, AgentOptions options, IFileSystem? volume, ILogger<VolumeMetrics> logger)
    {
        _volume = volume;
        _folder = options.VolumeDirectory;
        _logger = logger;
        _sizeBytes = new(factory, "aether_agent_volume_size_bytes", "Size of the volume's file system.");
        _freeBytes = new(factory, "aether_agent_volume_free_bytes", "Free bytes of the volume that the agent may use.");
        _divergedTails = new(
            factory,
            "aether_agent_diverged_tails",
            "Diverged logs on the volume, which stay until they are removed.");
        _fencings = factory.CreateCounter(
            "aether_agent_fencings_total",
            "Times an agent of this volume was fenced; the count is kept on the volume.",
            new CounterConfiguration { SuppressInitialValue = true });
    }

    public void Update(RuntimeStatus status)
    {
        if (status.Fencings is { } fencings)
            _fencings.IncTo(fencings);
        if (_volume is null)
            return;
        try
        {
            var drive = new DriveInfo(_folder);
            _sizeBytes.Set(drive.TotalSize);
            _freeBytes.Set(drive.AvailableFreeSpace);
            _divergedTails.Set(DivergedInspector.Count(_volume));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            LogUnreadable(_folder, exception.Message);
            _sizeBytes.Set(null);
            _freeBytes.Set(null);
            _divergedTails.Set(null);
        }
    }

    [LoggerMessage(1020, LogLevel.Warning, "Cannot read the free space of the volume {Folder}: {Reason}")]
    private partial void LogUnreadable(string folder, string reason);
}
