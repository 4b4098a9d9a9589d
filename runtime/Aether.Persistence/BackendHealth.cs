namespace Aether.Persistence;

/// <summary>Remembers whether the last use of a store or of the log succeeded. Thread-safe.</summary>
internal sealed class BackendHealth(string name)
{
    private volatile BackendStatus _status = new(name, Healthy: true, Message: "");

    public BackendStatus Status => _status;

    /// <summary>Records a success. Returns whether the use before it had failed.</summary>
    public bool Recovered()
    {
        var was = _status;
        if (!was.Healthy)
            _status = new BackendStatus(name, Healthy: true, Message: "");
        return !was.Healthy;
    }

    /// <summary>Records a failure. Returns whether the use before it had succeeded.</summary>
    public bool Failed(Exception reason)
    {
        var was = _status;
        _status = new BackendStatus(name, Healthy: false, reason.Message);
        return was.Healthy;
    }
}
