using Aether.Operator.Kinds;

namespace Aether.Operator.Metrics;

/// <summary>
/// Remembers the worlds that were repaired in the last hour. If one is repaired again, the operator and another writer
/// keep overwriting each other.
/// </summary>
internal sealed class RecentRepairs(TimeProvider clock)
{
    private static readonly TimeSpan Length = TimeSpan.FromHours(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<(string World, StoreName Store), DateTimeOffset> _last = [];

    /// <summary>Remembers a repair; returns whether it is the world's second in that store within an hour.</summary>
    /// <param name="world">UID of the world.</param>
    /// <param name="store">The repaired store.</param>
    public bool Remember(string world, StoreName store)
    {
        var now = clock.GetUtcNow();
        lock (_lock)
        {
            foreach (var (repair, at) in _last)
            {
                if (now - at > Length)
                    _last.Remove(repair);
            }

            var known = _last.ContainsKey((world, store));
            _last[(world, store)] = now;
            return known;
        }
    }
}
