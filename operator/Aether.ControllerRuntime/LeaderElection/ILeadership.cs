namespace Aether.ControllerRuntime;

/// <summary>Whether this process is the leader.</summary>
public interface ILeadership
{
    /// <summary>True while this process holds the lease, or runs without leader election.</summary>
    bool IsLeader { get; }
}
