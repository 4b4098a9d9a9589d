namespace Aether.Client;

/// <summary>
/// A key did not have the version the commit expected. Nothing was applied; read again and decide again.
/// </summary>
public sealed class VersionMismatchException(string message, ulong currentVersion, Exception? inner)
    : WorldException(message, inner)
{
    /// <summary>The version the key has; 0 when it does not exist.</summary>
    public ulong CurrentVersion { get; } = currentVersion;
}
