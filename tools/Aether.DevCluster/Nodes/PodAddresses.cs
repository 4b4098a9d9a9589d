using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace Aether.DevCluster.Nodes;

/// <summary>
/// Addresses of pods: random addresses in 127.0.0.0/8, which Linux treats as loopback, so that pods of several nodes on
/// one machine can listen on the same port.
/// </summary>
internal sealed class PodAddresses
{
    private readonly ConcurrentDictionary<string, bool> _taken = new();

    /// <summary>Takes an address that no other pod of this node has.</summary>
    public string Take()
    {
        while (true)
        {
            var address = $"127.{Between(1, 255)}.{Between(0, 255)}.{Between(1, 255)}";
            if (_taken.TryAdd(address, true))
                return address;
        }
    }

    /// <summary>Returns an address.</summary>
    public void Release(string address) => _taken.TryRemove(address, out _);

    private static int Between(int first, int end) => RandomNumberGenerator.GetInt32(first, end);
}
