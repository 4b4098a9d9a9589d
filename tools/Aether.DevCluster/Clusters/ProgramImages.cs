using Aether.DevCluster.Nodes;
using Aether.TestServers;
using Aether.TestServers.Processes;

namespace Aether.DevCluster.Clusters;

/// <summary>The compiled programs, as images of the development cluster.</summary>
internal static class ProgramImages
{
    /// <summary>Image names that pods of the development cluster use.</summary>
    public const string AgentImage = "aether-agent:dev";

    /// <summary>Image of the sample world.</summary>
    public const string SampleWorldImage = "aether-sample-world:dev";

    /// <summary>
    /// debug or release: the configuration of this program, and therefore of the programs that it runs.
    /// </summary>
    public static string Configuration { get; } =
        Path.GetFileName(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));

    /// <summary>The agent: the native binary if it was published, else the compiled program.</summary>
    public static Image Agent()
    {
        var published = Clone.PathOf("artifacts", "publish", "Aether.Agent", Configuration, "aether-agent");
        return File.Exists(published) ? new Image([published]) : Managed("Aether.Agent", "aether-agent");
    }

    /// <summary>The sample world.</summary>
    public static Image SampleWorld() => Managed("Aether.Samples.World", "sample-world");

    /// <summary>A compiled program.</summary>
    public static Image Managed(string project, string assembly) => new(
        [Binary.Find("dotnet", "dotnet-sdk-10.0"), AssemblyOf(project, assembly)],
        new Dictionary<string, string> { ["DOTNET_EnableDiagnostics"] = "0", ["DOTNET_TieredPGO"] = "0" });

    private static string AssemblyOf(string project, string assembly)
    {
        var path = Clone.PathOf("artifacts", "bin", project, Configuration, assembly + ".dll");
        return File.Exists(path)
            ? path
            : throw new FileNotFoundException($"{path} does not exist: build the solution (make build).", path);
    }
}
