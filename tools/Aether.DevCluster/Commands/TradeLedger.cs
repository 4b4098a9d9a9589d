namespace Aether.DevCluster.Commands;

/// <summary>
/// Counts what a sample world noted, outside of its pod, as acknowledged: lines of <c>lane serial sequence chain .</c>
/// </summary>
internal sealed class TradeLedger(string path)
{
    private readonly HashSet<(int Lane, long Serial)> _trades = [];
    private long _read;

    /// <summary>The file.</summary>
    public string Path { get; } = path;

    /// <summary>How many trades it knows now, each counted once.</summary>
    public int Count()
    {
        if (!File.Exists(Path))
            return 0;
        using var file = new FileStream(Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        file.Position = _read;
        var bytes = new byte[file.Length - _read];
        file.ReadExactly(bytes);
        var whole = Array.LastIndexOf(bytes, (byte)'\n') + 1;
        _read += whole;
        foreach (var line in System.Text.Encoding.ASCII.GetString(bytes, 0, whole).Split('\n'))
        {
            // The dot tells a whole line from one whose writer was killed.
            if (line.Split(' ') is [var lane, var serial, _, _, "."])
            {
                _trades.Add((
                    int.Parse(lane, System.Globalization.CultureInfo.InvariantCulture),
                    long.Parse(serial, System.Globalization.CultureInfo.InvariantCulture)));
            }
        }

        return _trades.Count;
    }
}
