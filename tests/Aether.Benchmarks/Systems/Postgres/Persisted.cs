namespace Aether.Benchmarks.Systems.Postgres;

/// <summary>A pending write, and the wait for its durability.</summary>
internal sealed class Persisted(string id, byte[] value)
{
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string Id => id;

    public byte[] Value => value;

    public Task Done => _done.Task;

    public void Complete() => _done.TrySetResult();

    public void Fail(Exception cause) => _done.TrySetException(cause);
}
