using Aether.DevCluster.Clusters;

namespace Aether.DevCluster.Commands;

/// <summary>Prints the ends of a cluster's logs after a failure, because they are deleted with the cluster.</summary>
internal static class LogTails
{
    private const int Lines = 30;

    public static void Print(DevelopmentCluster cluster, Screen screen)
    {
        foreach (var file in Directory.GetFiles(cluster.Node.Logs).Prepend(cluster.Operator.LogFile).Where(File.Exists))
        {
            var tail = File.ReadLines(file).TakeLast(Lines).ToList();
            if (tail.Count == 0)
                continue;
            screen.Write($"--- the end of {Path.GetFileName(file)}");
            foreach (var line in tail)
                screen.Write(line);
        }
    }
}
