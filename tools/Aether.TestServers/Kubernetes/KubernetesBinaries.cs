using Aether.TestServers.Processes;

namespace Aether.TestServers.Kubernetes;

/// <summary>
/// Finds the API server for tests: kube-apiserver and etcd in envtest's folder, if both exist; else this repository's
/// own API server, built on first use, with the machine's etcd.
/// </summary>
internal static class KubernetesBinaries
{
    private const string Build = "tests/apiserver/build.sh";

    /// <summary>Path of kube-apiserver; null if envtest's folder does not have both programs.</summary>
    public static string? KubeApiServer => HasAssets ? Path.Combine(Assets, "kube-apiserver") : null;

    private static string Assets => Environment.GetEnvironmentVariable("KUBEBUILDER_ASSETS") is { Length: > 0 } folder
        ? folder
        : "/usr/local/kubebuilder/bin";

    private static bool HasAssets =>
        File.Exists(Path.Combine(Assets, "kube-apiserver")) && File.Exists(Path.Combine(Assets, "etcd"));

    public static string FindEtcd() => HasAssets ? Path.Combine(Assets, "etcd") : Binary.Find("etcd", "etcd-server");

    /// <summary>Builds this repository's API server, which takes some minutes once per state of its sources.</summary>
    /// <returns>Path of the program.</returns>
    public static async Task<string> BuildOwnAsync(string logDirectory, CancellationToken cancellationToken)
    {
        var script = Clone.PathOf(Build);
        var output = await ProcessHost.RunAsync(
            new ProcessSpec
            {
                Name = "apiserver-build",
                FileName = Binary.Find("bash", "bash"),
                Arguments = [script],
                WorkingDirectory = Path.GetDirectoryName(script)!,
                LogDirectory = logDirectory,
            },
            cancellationToken);
        return output[^1];
    }
}
