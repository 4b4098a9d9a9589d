namespace Aether.TestServers.Processes;

/// <summary>Finds the programs that tests start.</summary>
public static class Binary
{
    /// <summary>
    /// Path of <paramref name="name"/>, looked for in <paramref name="folders"/>, then in PATH and the sbin folders.
    /// </summary>
    /// <exception cref="MissingBinaryException">It is nowhere; names the Debian package to install.</exception>
    public static string Find(string name, string debianPackage, params IEnumerable<string> folders)
    {
        var path = Environment.GetEnvironmentVariable("PATH") ?? "";
        return folders.Concat(path.Split(':', StringSplitOptions.RemoveEmptyEntries))
            .Append("/usr/local/sbin").Append("/usr/sbin").Append("/sbin")
            .Select(folder => Path.Combine(folder, name))
            .FirstOrDefault(File.Exists)
            ?? throw new MissingBinaryException(name, debianPackage);
    }
}
