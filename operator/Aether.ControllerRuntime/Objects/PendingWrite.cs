using k8s.Models;

namespace Aether.ControllerRuntime;

/// <summary>A write in progress. If it is disposed without completion, the write has failed.</summary>
internal sealed class PendingWrite(WriteTracker tracker, ObjectKey key) : IDisposable
{
    private string? _written;

    /// <summary>Records the version that the write produced, or that it removed the object.</summary>
    public void Complete(V1ObjectMeta written)
    {
        var removed = written.DeletionTimestamp is not null && written.Finalizers is null or { Count: 0 };
        _written = removed ? WriteTracker.Gone : written.ResourceVersion;
    }

    public void Dispose() => tracker.End(key, _written);
}
