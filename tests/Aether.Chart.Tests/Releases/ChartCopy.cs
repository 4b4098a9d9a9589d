using Aether.Chart.Tests.Tools;

namespace Aether.Chart.Tests.Releases;

/// <summary>A copy of the chart for modification.</summary>
internal static class ChartCopy
{
    /// <summary>Copies the chart to a folder; returns the copy.</summary>
    public static string Make(string folder)
    {
        foreach (var file in Directory.GetFiles(HelmChart.Folder, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(folder, Path.GetRelativePath(HelmChart.Folder, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        return folder;
    }
}
