namespace Aether.TestServers.Processes;

/// <summary>A program that a test needs is not installed.</summary>
public sealed class MissingBinaryException(string name, string debianPackage)
    : Exception($"The program '{name}' was not found. Install it: apt-get install {debianPackage}")
{
    /// <summary>Debian package with the program.</summary>
    public string DebianPackage { get; } = debianPackage;
}
