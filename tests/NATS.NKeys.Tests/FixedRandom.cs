using System.Security.Cryptography;

namespace NATS.NKeys.Tests;

/// <summary>Randomness that is known beforehand, so that published vectors can be replayed.</summary>
internal sealed class FixedRandom(byte[] bytes) : RandomNumberGenerator
{
    public override void GetBytes(byte[] data) => bytes.CopyTo(data, 0);
}
