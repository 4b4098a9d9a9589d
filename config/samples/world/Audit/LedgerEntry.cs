using System.Globalization;
using Aether.Samples.World.Economy;

namespace Aether.Samples.World.Audit;

/// <summary>One acknowledged trade in the ledger: a line of four numbers.</summary>
/// <param name="Lane">Lane of the trade.</param>
/// <param name="Serial">Number of the trade within its lane.</param>
/// <param name="Sequence">The commit with which it was acknowledged.</param>
/// <param name="Chain">Chain in the lane's record of that commit.</param>
internal sealed record LedgerEntry(int Lane, long Serial, ulong Sequence, ulong Chain)
{
    /// <summary>The entry for a lane's record.</summary>
    public static LedgerEntry Of(int lane, Versioned<LaneRecord> record) =>
        new(lane, record.Value.Serial, record.Version, record.Value.Chain);

    /// <summary>Reads a line; null for an incomplete line, whose writer died.</summary>
    public static LedgerEntry? TryParse(string line)
    {
        var parts = line.Split(' ');
        return parts.Length == 5 && parts[4] == "."
            && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var lane)
            && long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var serial)
            && ulong.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out var sequence)
            && ulong.TryParse(parts[3], NumberStyles.None, CultureInfo.InvariantCulture, out var chain)
            ? new LedgerEntry(lane, serial, sequence, chain)
            : null;
    }

    /// <summary>The line. The dot at its end shows that the line is complete.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Lane} {Serial} {Sequence} {Chain} .");
}
