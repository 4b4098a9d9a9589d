using System.Security.Cryptography;

namespace Aether.TestServers;

/// <summary>Passwords for servers that live as long as a test run.</summary>
public static class Secrets
{
    /// <summary>160 random bits in hexadecimal, so that no configuration format needs to quote them.</summary>
    public static string NewPassword() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(20));
}
