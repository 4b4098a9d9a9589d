namespace Aether.Benchmarks.Harness;

/// <summary>A session together with its foundation, which is disposed after it.</summary>
internal sealed class OwningSession(ISession session, IAsyncDisposable ground) : ISession
{
    public ValueTask WriteAsync(long n) => session.WriteAsync(n);

    public async ValueTask DisposeAsync()
    {
        await session.DisposeAsync();
        await ground.DisposeAsync();
    }
}
