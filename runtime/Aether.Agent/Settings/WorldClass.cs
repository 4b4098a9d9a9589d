namespace Aether.Agent.Settings;

/// <summary>What a world is made for; decides the defaults.</summary>
internal enum WorldClass
{
    /// <summary>Written ahead and kept.</summary>
    Durable,

    /// <summary>In memory, with snapshots only.</summary>
    Ephemeral,
}
