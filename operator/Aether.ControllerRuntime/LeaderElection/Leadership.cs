namespace Aether.ControllerRuntime;

/// <summary>Holds and publishes whether this process leads.</summary>
internal sealed class Leadership(ControllerRuntimeMetrics metrics) : ILeadership
{
    private volatile bool _isLeader;

    public bool IsLeader => _isLeader;

    public void Set(bool isLeader)
    {
        _isLeader = isLeader;
        metrics.SetLeader(isLeader);
    }
}
