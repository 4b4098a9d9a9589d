namespace Aether.Benchmarks.Harness;

/// <summary>A session and what it stands on, which goes after it.</summary>
internal sealed class OwningSession(ISession session, IAsyncDisposable ground) : ISession
{
    public ValueTask WriteAsync(long n) => session.WriteAsync(n);

    public async ValueTask DisposeAsync()
    {
        await session.DisposeAsync();
        await ground.DisposeAsync();
    }
}
