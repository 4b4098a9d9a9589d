using System.Text.Json.Serialization;

namespace Aether.Cli.Output;

/// <summary>Results as JSON, without reflection. Their names are part of what docs/cli.md promises.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    Converters = [typeof(SequenceConverter), typeof(EpochConverter), typeof(DigestConverter)])]
[JsonSerializable(typeof(WalListing))]
[JsonSerializable(typeof(WalVerification))]
[JsonSerializable(typeof(WalRepairing))]
[JsonSerializable(typeof(CommitLine))]
[JsonSerializable(typeof(SnapshotListing))]
[JsonSerializable(typeof(DivergedListing))]
internal sealed partial class CliJson : JsonSerializerContext;
