namespace Aether.Benchmarks.Reports;

/// <summary>The mount of a folder.</summary>
internal sealed record Mount(string Device, string FileSystem, string Options)
{
    /// <summary>Whether it is in memory, so that a sync costs nothing and means nothing.</summary>
    public bool IsMemory => FileSystem is "tmpfs" or "ramfs";

    public static Mount Of(string folder)
    {
        // The mount with the longest path above the folder.
        var fields = File.ReadLines("/proc/mounts")
            .Select(line => line.Split(' '))
            .Where(fields => IsBelow(folder, fields[1]))
            .MaxBy(fields => fields[1].Length)!;
        return new Mount(fields[0], fields[2], fields[3]);
    }

    public override string ToString() => $"{Device} ({FileSystem}, {Options})";

    private static bool IsBelow(string folder, string mount) =>
        (folder + "/").StartsWith(mount.TrimEnd('/') + "/", StringComparison.Ordinal);
}
