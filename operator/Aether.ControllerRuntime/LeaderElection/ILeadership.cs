namespace Aether.ControllerRuntime;

/// <summary>Whether this process is the one that acts.</summary>
public interface ILeadership
{
    /// <summary>True while this process holds the lease, or if leader election is off and it runs.</summary>
    bool IsLeader { get; }
}
