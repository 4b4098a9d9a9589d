namespace Aether.Cli.Output;

/// <summary>Rows under a heading. Each column is as wide as necessary; the last one is not padded.</summary>
internal sealed class TextTable(params string[] heading)
{
    private readonly List<string[]> _rows = [heading];

    public void Add(params string[] row) => _rows.Add(row);

    public void Write(TextWriter output)
    {
        var widths = Enumerable.Range(0, heading.Length)
            .Select(column => _rows.Max(row => row[column].Length))
            .ToList();
        foreach (var row in _rows)
            output.WriteLine(string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
    }
}
