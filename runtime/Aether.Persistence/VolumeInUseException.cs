namespace Aether.Persistence;

/// <summary>Another agent has the volume open.</summary>
public sealed class VolumeInUseException()
    : Exception(
        "Another agent has this volume open. Give each agent a volume of its own, or stop the other one first.");
