using Aether.TestServers.Kubernetes;
using Aether.TestServers.Processes;

namespace Aether.TestServers;

/// <summary>etcd with one member and without fsync: its data survives its process, but not the machine.</summary>
public sealed class EtcdServer() : TestServer("etcd")
{
    /// <summary>URL for clients.</summary>
    public string Url => $"http://{Host}:{Port}";

    /// <inheritdoc />
    protected override ProcessSpec Describe() => new()
    {
        Name = "etcd",
        FileName = KubernetesBinaries.FindEtcd(),
        Arguments =
        [
            "--data-dir", Path.Combine(Folder, "data"),
            "--listen-client-urls", Url,
            "--advertise-client-urls", Url,
            "--listen-peer-urls", $"http://{Host}:{FreePort.Next()}",
            "--unsafe-no-fsync",
            "--logger", "zap",
        ],
        WorkingDirectory = Folder,
        LogDirectory = Folder,
    };

    /// <inheritdoc />
    protected override bool IsReady(string line) =>
        line.Contains("serving client traffic", StringComparison.Ordinal);
}
