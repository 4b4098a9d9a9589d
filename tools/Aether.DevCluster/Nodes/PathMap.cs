using System.Text.RegularExpressions;

namespace Aether.DevCluster.Nodes;

/// <summary>
/// The folders of a container's mounts on this machine. Without mount namespaces a process sees the host's paths. So
/// every text that begins with a mount path, as a whole path component, is rewritten to the host's folder, also after
/// <c>=</c>, <c>unix:</c> or <c>unix://</c>. Paths that the program builds itself, or reads from a file, are not.
/// </summary>
internal sealed partial class PathMap
{
    private readonly IReadOnlyList<KeyValuePair<string, string>> _mounts;

    public PathMap(IEnumerable<KeyValuePair<string, string>> hostPathByMountPath)
    {
        _mounts = [.. hostPathByMountPath
            .Select(mount => KeyValuePair.Create(mount.Key.TrimEnd('/'), mount.Value))
            .OrderByDescending(mount => mount.Key.Length)];
    }

    /// <summary>Rewrites the paths in <paramref name="text"/>.</summary>
    public string Rewrite(string text)
    {
        var start = PathStart().Match(text) is { Success: true } match ? match.Groups["path"].Index : -1;
        if (start < 0)
            return text;
        var path = text[start..];
        var mount = _mounts.FirstOrDefault(mount => Covers(mount.Key, path));
        return mount.Key is null ? text : string.Concat(text[..start], mount.Value, path[mount.Key.Length..]);
    }

    private static bool Covers(string mountPath, string path) =>
        path.StartsWith(mountPath, StringComparison.Ordinal)
        && (path.Length == mountPath.Length || path[mountPath.Length] == '/');

    [GeneratedRegex("^(?:[^/=]*=)?(?:unix:(?://)?)?(?<path>/)")]
    private static partial Regex PathStart();
}
