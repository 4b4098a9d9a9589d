using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace Aether.DevCluster.Nodes;

/// <summary>
/// Addresses of pods: random ones of 127.0.0.0/8, all of which is loopback on Linux, so that pods of several nodes on
/// one machine may listen on the same port.
/// </summary>
internal sealed class PodAddresses
{
    private readonly ConcurrentDictionary<string, bool> _taken = new();

    /// <summary>One that no other pod of this node has.</summary>
    public string Take()
    {
        while (true)
        {
            var address = $"127.{Between(1, 255)}.{Between(0, 255)}.{Between(1, 255)}";
            if (_taken.TryAdd(address, true))
                return address;
        }
    }

    /// <summary>Gives one back.</summary>
    public void Release(string address) => _taken.TryRemove(address, out _);

    private static int Between(int first, int end) => RandomNumberGenerator.GetInt32(first, end);
}
