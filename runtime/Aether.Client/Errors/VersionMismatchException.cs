namespace Aether.Client;

/// <summary>
/// A key does not have the version that the commit expected. Nothing was applied; read the key again and decide again.
/// </summary>
public sealed class VersionMismatchException(string message, ulong currentVersion, Exception? inner)
    : WorldException(message, inner)
{
    /// <summary>The version of the key; 0 if it does not exist.</summary>
    public ulong CurrentVersion { get; } = currentVersion;
}
