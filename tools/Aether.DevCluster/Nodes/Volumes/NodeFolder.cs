using System.Collections.Concurrent;
using System.Globalization;

namespace Aether.DevCluster.Nodes.Volumes;

/// <summary>
/// The node's folder. Its paths are short (<c>/tmp/ae-XXXXXX/p/12/v/3</c>), because a Unix socket's path may hold no
/// more than 107 bytes and pods keep sockets in their volumes.
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

    /// <summary>Where the output of containers goes.</summary>
    public string Logs { get; }

    /// <summary>A folder for one pod; removed by the caller.</summary>
    public string NewPodFolder() => New("p", ref _pods);

    /// <summary>The folder behind a claim, the same for every pod that names it.</summary>
    /// <param name="claimUid">UID of the claim: a claim of the same name made anew has a new, empty folder.</param>
    public string ClaimFolder(string claimUid) => _claims.GetOrAdd(claimUid, _ => New("c", ref _claimCount));

    /// <inheritdoc />
    public void Dispose() => Directory.Delete(_root, recursive: true);

    private string New(string parent, ref int last) => Directory.CreateDirectory(
        Path.Combine(_root, parent, Interlocked.Increment(ref last).ToString(CultureInfo.InvariantCulture))).FullName;
}
