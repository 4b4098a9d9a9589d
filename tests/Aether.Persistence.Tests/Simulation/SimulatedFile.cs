namespace Aether.Persistence.Tests.Simulation;

/// <summary>
/// A file with page cache and disk: what was written, and which part of it is on the disk. Writes become durable sector
/// by sector, in any order, until a sync makes all of them durable.
/// </summary>
internal sealed class SimulatedFile
{
    private const int SectorBytes = 512;

    private readonly HashSet<int> _dirty = [];
    private byte[] _cached = [];
    private byte[] _stored = [];
    private bool _lengthIsDirty;

    public int Length => _cached.Length;

    public int Read(long offset, Span<byte> destination)
    {
        if (offset >= _cached.Length)
            return 0;
        var count = Math.Min(destination.Length, _cached.Length - (int)offset);
        _cached.AsSpan((int)offset, count).CopyTo(destination);
        return count;
    }

    public void Write(long offset, ReadOnlySpan<byte> source)
    {
        if (source.IsEmpty)
            return;
        if (offset + source.Length > _cached.Length)
            SetLength(offset + source.Length);
        source.CopyTo(_cached.AsSpan((int)offset));
        for (var sector = offset / SectorBytes; sector <= (offset + source.Length - 1) / SectorBytes; sector++)
            _dirty.Add((int)sector);
    }

    public void SetLength(long length)
    {
        Array.Resize(ref _cached, (int)length);
        _lengthIsDirty = true;
    }

    public void Sync()
    {
        if (_lengthIsDirty)
            Array.Resize(ref _stored, _cached.Length);
        foreach (var sector in _dirty)
            StoreSector(sector);
        Forget();
    }

    /// <summary>Fails a sync as Linux does: the pages are clean now, but not on the disk.</summary>
    public void FailSync() => Forget();

    public void Damage(Action<Memory<byte>> damage)
    {
        damage(_cached);
        _stored = [.. _cached];
    }

    /// <summary>
    /// What a restarted machine finds: any subset of the unsynced sectors. If <paramref name="tears"/>, one of them
    /// holds its new bytes only up to some point; returns true if that happened.
    /// </summary>
    public bool LosePower(Random random, bool tears)
    {
        if (_lengthIsDirty && random.Next(2) == 0)
            Array.Resize(ref _stored, _cached.Length);
        int[] stored = [.. _dirty.Order().Where(_ => random.Next(2) == 0)];
        var torn = tears && stored.Length > 0 ? stored[random.Next(stored.Length)] : -1;
        foreach (var sector in stored)
            StoreSector(sector, sector == torn ? random.Next(1, SectorBytes) : SectorBytes);
        _cached = [.. _stored];
        Forget();
        return torn >= 0;
    }

    public SimulatedFile Clone()
    {
        var clone = new SimulatedFile
        {
            _cached = [.. _cached],
            _stored = [.. _stored],
            _lengthIsDirty = _lengthIsDirty,
        };
        clone._dirty.UnionWith(_dirty);
        return clone;
    }

    private void StoreSector(int sector, int bytes = SectorBytes)
    {
        var start = sector * SectorBytes;
        var end = Math.Min(start + bytes, _cached.Length);
        if (end <= start)
            return;
        if (_stored.Length < end)
            Array.Resize(ref _stored, end);
        _cached.AsSpan(start, end - start).CopyTo(_stored.AsSpan(start));
    }

    private void Forget()
    {
        _dirty.Clear();
        _lengthIsDirty = false;
    }
}
