using System.Runtime.InteropServices;

namespace Aether.Benchmarks.Reports;

/// <summary>Describes the machine: without it the numbers mean nothing.</summary>
internal static class Machine
{
    public static void Write(TextWriter output, string folder, Mount mount)
    {
        output.WriteLine($"date      {TimeProvider.System.GetUtcNow():yyyy-MM-dd HH:mm} UTC");
        output.WriteLine($"cpu       {Cpu()}, {Environment.ProcessorCount} cores, load {Load()}");
        output.WriteLine($"memory    {GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >> 20:n0} MiB");
        output.WriteLine($"kernel    {First("/proc/sys/kernel/ostype")} {First("/proc/sys/kernel/osrelease")}");
        output.WriteLine($"disk      {mount} at {folder}");
        output.WriteLine($"runtime   {RuntimeInformation.FrameworkDescription}");
        output.WriteLine($"versions  {string.Join(", ", Versions.All())}");
    }

    private static string Cpu() =>
        File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))
            is { } line
            ? line[(line.IndexOf(':', StringComparison.Ordinal) + 2)..]
            : RuntimeInformation.ProcessArchitecture.ToString();

    private static string Load() => First("/proc/loadavg").Split(' ')[0];

    private static string First(string file) => File.ReadLines(file).First();
}
