namespace Aether.Architecture.Tests;

/// <summary>The clone in which these tests were built.</summary>
internal static class Repository
{
    private static readonly string Root =
        Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "..", ".."));

    /// <summary>Path of a file or folder in it.</summary>
    public static string PathOf(params IEnumerable<string> parts) => Path.Combine([Root, .. parts]);

    /// <summary>Text of a file in it.</summary>
    public static string Read(string file) => File.ReadAllText(PathOf(file));
}
