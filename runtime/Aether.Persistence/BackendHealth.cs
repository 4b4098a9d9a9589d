namespace Aether.Persistence;

/// <summary>Remembers whether the last use of something succeeded. Thread-safe.</summary>
internal sealed class BackendHealth(string name)
{
    private volatile BackendStatus _status = new(name, Healthy: true, Message: "");

    public BackendStatus Status => _status;

    /// <summary>It answered; whether it had not before.</summary>
    public bool Recovered()
    {
        var was = _status;
        if (!was.Healthy)
            _status = new BackendStatus(name, Healthy: true, Message: "");
        return !was.Healthy;
    }

    /// <summary>It did not answer; whether it had before.</summary>
    public bool Failed(Exception reason)
    {
        var was = _status;
        _status = new BackendStatus(name, Healthy: false, reason.Message);
        return was.Healthy;
    }
}
