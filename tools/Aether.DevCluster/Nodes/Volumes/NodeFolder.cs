using System.Collections.Concurrent;
using System.Globalization;

namespace Aether.DevCluster.Nodes.Volumes;

/// <summary>
/// The node's folder. Its paths are short (<c>/tmp/ae-XXXXXX/p/12/v/3</c>), because the path of a Unix socket may have
/// at most 107 bytes and pods keep sockets in their volumes.
/// </summary>
internal sealed class NodeFolder : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("ae-").FullName;
    private readonly ConcurrentDictionary<string, string> _claims = new();
    private int _pods;
    private int _claimCount;

    public NodeFolder()
    {
        Logs = Directory.CreateDirectory(Path.Combine(_root, "logs")).FullName;
    }

    /// <summary>Folder of the containers' output.</summary>
    public string Logs { get; }

    /// <summary>Creates a folder for one pod; the caller deletes it.</summary>
    public string NewPodFolder() => New("p", ref _pods);

    /// <summary>The folder of a claim, the same for every pod that names it.</summary>
    /// <param name="claimUid">UID of the claim: a recreated claim of the same name has a new, empty folder.</param>
    public string ClaimFolder(string claimUid) => _claims.GetOrAdd(claimUid, _ => New("c", ref _claimCount));

    /// <inheritdoc />
    public void Dispose() => Directory.Delete(_root, recursive: true);

    private string New(string parent, ref int last) => Directory.CreateDirectory(
        Path.Combine(_root, parent, Interlocked.Increment(ref last).ToString(CultureInfo.InvariantCulture))).FullName;
}
