using Aether.Operator.Kinds;

namespace Aether.Operator.Metrics;

/// <summary>
/// Which worlds were repaired in the last hour: one that is again is fought over, by the operator and by somebody else.
/// </summary>
internal sealed class RecentRepairs(TimeProvider clock)
{
    private static readonly TimeSpan Length = TimeSpan.FromHours(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<(string World, StoreName Store), DateTimeOffset> _last = [];

    /// <summary>Remembers a repair; returns whether it is the world's second there within an hour.</summary>
    /// <param name="world">UID of the world.</param>
    /// <param name="store">Where it was repaired.</param>
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
