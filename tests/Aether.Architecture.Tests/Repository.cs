namespace Aether.Architecture.Tests;

/// <summary>The clone that these tests were built in.</summary>
internal static class Repository
{
    private static readonly string Root =
        Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "..", ".."));

    /// <summary>Path of something in it.</summary>
    public static string PathOf(params IEnumerable<string> parts) => Path.Combine([Root, .. parts]);

    /// <summary>Text of a file of it.</summary>
    public static string Read(string file) => File.ReadAllText(PathOf(file));
}
