namespace Aether.DevCluster.Commands;

/// <summary>
/// Counts the acknowledged trades that a sample world recorded outside its pod: lines of <c>lane serial sequence chain
/// .</c>
/// </summary>
internal sealed class TradeLedger(string path)
{
    private readonly HashSet<(int Lane, long Serial)> _trades = [];
    private long _read;

    /// <summary>The file.</summary>
    public string Path { get; } = path;

    /// <summary>Number of distinct trades so far.</summary>
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
            // The dot shows that the line is complete and its writer was not killed while writing it.
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
