namespace Aether.TestServers.Processes;

/// <summary>Finds the programs that tests start.</summary>
public static class Binary
{
    /// <summary>
    /// Environment variable with folders, separated by colons, that are searched first: servers of
    /// <c>tests/servers/fetch.sh</c>, for <c>make test-matrix</c>.
    /// </summary>
    public const string ServersVariable = "AETHER_SERVERS";

    /// <summary>
    /// Path of <paramref name="name"/>: in <see cref="ServersVariable"/>, else in <paramref name="folders"/>, else in
    /// PATH and the sbin folders.
    /// </summary>
    /// <exception cref="MissingBinaryException">
    /// No folder has it; the message names the Debian package to install.
    /// </exception>
    public static string Find(string name, string debianPackage, params IEnumerable<string> folders)
    {
        return FoldersOf(ServersVariable).Concat(folders).Concat(FoldersOf("PATH"))
            .Append("/usr/local/sbin").Append("/usr/sbin").Append("/sbin")
            .Select(folder => Path.Combine(folder, name))
            .FirstOrDefault(File.Exists)
            ?? throw new MissingBinaryException(name, debianPackage);
    }

    /// <summary>The folders that an environment variable lists; none if it is not set.</summary>
    internal static string[] FoldersOf(string variable) =>
        (Environment.GetEnvironmentVariable(variable) ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries);
}
