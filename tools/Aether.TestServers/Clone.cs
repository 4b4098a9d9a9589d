namespace Aether.TestServers;

/// <summary>The clone of the repository in which this program was built.</summary>
public static class Clone
{
    private const string Marker = "aether-persistence.slnx";

    /// <summary>Its folder.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Path of a file or folder in it.</summary>
    public static string PathOf(params IEnumerable<string> parts) => Path.Combine([Root, .. parts]);

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, Marker)))
                return folder.FullName;
        }

        throw new DirectoryNotFoundException(
            $"No {Marker} in or above {AppContext.BaseDirectory}. Run this from a clone of the repository.");
    }
}
