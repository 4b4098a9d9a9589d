namespace Aether.Agent.Tests.Guide;

/// <summary>The clone these tests were built from: the guide is about its files.</summary>
internal static class Clone
{
    private static readonly string Root = FindRoot();

    public static string PathOf(string path) => Path.Combine(Root, path);

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "aether-persistence.slnx")))
                return folder.FullName;
        }

        throw new DirectoryNotFoundException($"No clone of the repository above {AppContext.BaseDirectory}.");
    }
}
