using Aether.Persistence.Contracts;

namespace Aether.Operator.Kinds;

/// <summary>Settings of the write-ahead log.</summary>
internal sealed class WalSpec
{
    public bool? Enabled { get; set; }

    public string FlushInterval { get; set; } = "100ms";

    public string Lease { get; set; } = "10s";

    [OneOf<Durability>]
    public string? DefaultDurability { get; set; }

    public string SegmentSize { get; set; } = "64Mi";

    public string? MaxBytes { get; set; }

    public MaxLagSpec? MaxLag { get; set; }

    public WalVolumeSpec? Volume { get; set; }

    [OneOf<JournalKind>]
    public string Journal { get; set; } = nameof(JournalKind.Postgres);

    [OneOf<JournalLossPolicy>]
    public string OnJournalLoss { get; set; } = nameof(JournalLossPolicy.Continue);
}
