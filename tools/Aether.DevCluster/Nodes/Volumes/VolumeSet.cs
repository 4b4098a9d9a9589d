using System.Globalization;
using k8s.Models;

namespace Aether.DevCluster.Nodes.Volumes;

/// <summary>
/// The volumes of one pod as folders of this machine. An emptyDir and an ephemeral claim live as long as the pod; the
/// folder of a persistent claim stays for the next pod. Sizes and read-only mounts are not enforced.
/// </summary>
internal sealed class VolumeSet(V1Pod pod, string podAddress, ClusterObjects objects, NodeFolder folder) : IDisposable
{
    private readonly string _podFolder = folder.NewPodFolder();
    private readonly Dictionary<string, string> _hostPaths = [];
    private readonly Dictionary<string, FileSet> _fileSets = [];
    private readonly VolumeFiles _files = new(pod, podAddress, objects);

    /// <summary>Creates missing folders and updates files.</summary>
    /// <exception cref="NotYetException">A volume's source is missing.</exception>
    public void Refresh()
    {
        foreach (var volume in pod.Spec.Volumes ?? [])
        {
            if (!_hostPaths.ContainsKey(volume.Name))
                _hostPaths[volume.Name] = HostPath(volume);
            if (_files.Of(volume) is not { } files)
                continue;
            if (!_fileSets.TryGetValue(volume.Name, out var set))
                _fileSets[volume.Name] = set = new FileSet(_hostPaths[volume.Name]);
            set.Show(files);
        }
    }

    /// <summary>The folders of a container's mounts.</summary>
    public PathMap PathsOf(V1Container container) => new((container.VolumeMounts ?? []).Select(mount =>
    {
        var path = _hostPaths.GetValueOrDefault(mount.Name)
            ?? throw new NotYetException(NotYetException.ConfigError, $"volume \"{mount.Name}\" not found");
        if (!string.IsNullOrEmpty(mount.SubPath))
            path = Directory.CreateDirectory(Path.Combine(path, mount.SubPath)).FullName;
        return KeyValuePair.Create(mount.MountPath, path);
    }));

    /// <inheritdoc />
    public void Dispose() => Directory.Delete(_podFolder, recursive: true);

    private string HostPath(V1Volume volume) => volume switch
    {
        { PersistentVolumeClaim: { } claim } => objects.Claims.TryGet(
            pod.Metadata.NamespaceProperty, claim.ClaimName, out var found)
            ? folder.ClaimFolder(found.Metadata.Uid)
            : throw new NotYetException(
                NotYetException.ContainerCreating, $"persistentvolumeclaim \"{claim.ClaimName}\" not found"),
        { HostPath: { } host } => host.Path,
        { EmptyDir: not null } or { Ephemeral: not null } or { Secret: not null } or { ConfigMap: not null }
            or { Projected: not null } or { DownwardAPI: not null } => NewFolder(),
        _ => throw new NotYetException(
            NotYetException.ContainerCreating, $"the kind of volume \"{volume.Name}\" is not supported"),
    };

    private string NewFolder()
    {
        var number = _hostPaths.Count.ToString(CultureInfo.InvariantCulture);
        return Directory.CreateDirectory(Path.Combine(_podFolder, "v", number)).FullName;
    }
}
