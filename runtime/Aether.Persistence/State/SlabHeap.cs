namespace Aether.Persistence.State;

/// <summary>
/// The memory of a state. Keys and values are records in slabs, so that to the garbage collector a state of any size is
/// a few large objects. A new value overwrites the old one if it takes the same room and no capture shares the record;
/// otherwise it becomes a new record at the end. A slab whose records are mostly outdated is emptied, by moving the
/// others to the end, and reused: all slabs together are at most about twice as large as their contents. Not
/// thread-safe.
/// </summary>
/// <remarks>
/// Captures share the slabs. A record that a capture can see never changes: a shared slab is not reused once its
/// records are gone, but dropped, and stays in memory as long as the capture does. (Log-structured memory: Rumble et
/// al., "Log-structured Memory for DRAM-based Storage", FAST 2014.)
/// <para>
/// Storing and removing reserved records allocates nothing. Emptying a slab may allocate, so it is a separate step
/// (<see cref="Tidy"/>), which is postponed while there is no memory.
/// </para>
/// </remarks>
internal sealed class SlabHeap(SlotTable slots, EngineMemory memory)
{
    // The first slabs are small, for small worlds.
    private const int MinSlabBytes = 32 << 10;
    private const int MaxSlabBytes = 256 << 10;

    // Each larger record has a slab of its own.
    private const int MaxSharedRecord = MinSlabBytes / 4;
    private const int KeptSpares = 4;

    private readonly List<Slab?> _slabs = [];
    private readonly Stack<int> _freeNumbers = [];  // with capacity for all numbers
    private readonly Stack<Slab> _spares = new(KeptSpares);
    private readonly List<Slab> _prepared = [];  // one slab for each reserved large record
    private Slab? _sparse;
    private Slab _end = new([]) { Number = -1 };

    /// <summary>Bytes of all slabs.</summary>
    public long Bytes { get; private set; }

    /// <summary>Whether a record of this size has a slab of its own.</summary>
    public static bool IsLarge(int recordSize) => recordSize > MaxSharedRecord;

    public ReadOnlySpan<byte> Key(in Slot slot) => slot.KeyIn(_slabs[slot.Slab]!.Bytes);

    public ReadOnlyMemory<byte> Value(in Slot slot) => slot.ValueIn(_slabs[slot.Slab]!.Bytes);

    /// <summary>Starts to load a record, or the first few cache lines of a large one.</summary>
    public int Touch(in Slot slot)
    {
        const int Most = 512;
        var sum = 0;
        var record = _slabs[slot.Slab]!.Bytes.AsSpan(slot.Offset, Math.Min(slot.Size, Most));
        for (var i = 0; i < record.Length; i += CacheLine.Size)
            sum += CacheLine.Touch(ref record[i]);
        return sum;
    }

    /// <summary>Reserves room for records of so many bytes in total, none of them large.</summary>
    public void ReserveShared(long bytes)
    {
        if (bytes <= _end.Free)
            return;
        long room = UsableRoom(_end);
        foreach (var spare in _spares)
            room += UsableRoom(spare);
        while (room < bytes)
        {
            memory.EnsureCapacity(_spares, _spares.Count + 1);
            var slab = NewSlab();
            _spares.Push(slab);
            room += UsableRoom(slab);
        }

        ReserveNumbers(_spares.Count + _prepared.Count);
    }

    /// <summary>Drops the slabs that were reserved for large records.</summary>
    public void ClearPrepared() => _prepared.Clear();

    /// <summary>
    /// Reserves room for one more large record, for a slot (or -1), unless it can overwrite the slot's old record.
    /// </summary>
    public void ReserveLarge(int number, int size)
    {
        if (number >= 0 && FitsInPlace(slots[number], size))
            return;
        memory.EnsureCapacity(_prepared, _prepared.Count + 1);
        ReserveNumbers(_spares.Count + _prepared.Count + 1);
        _prepared.Add(new Slab(memory.UninitializedBytes(size)));
    }

    /// <summary>Stores key and value for a slot, replacing its old record.</summary>
    public void Store(int number, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        var size = SlabRecord.SizeOf(key.Length, value.Length);
        ref var slot = ref slots[number];
        if (FitsInPlace(slot, size))
        {
            slot.ValueLength = value.Length;
            SlabRecord.Write(_slabs[slot.Slab]!.Bytes.AsSpan(slot.Offset, size), number, key, value);
            return;
        }

        var slab = IsLarge(size) ? Add(TakePrepared(size)) : EndFor(size);
        var former = slot;
        slot.Slab = slab.Number;
        slot.KeyLength = key.Length;
        slot.ValueLength = value.Length;
        slot.Offset = Append(slab, size);
        SlabRecord.Write(slab.Bytes.AsSpan(slot.Offset, size), number, key, value);
        if (!former.IsFree)
            Release(former);
    }

    /// <summary>Removes the record of a slot.</summary>
    public void Remove(int number)
    {
        var former = slots[number];
        slots.Remove(number);
        Release(former);
    }

    /// <summary>
    /// Empties the sparse slabs. Each byte moved is paid for by a byte that became outdated, so this costs no more than
    /// the writes did. Nothing may be reserved, because moved records take room too.
    /// </summary>
    public void Tidy()
    {
        using var survivable = SurvivableAllocations.Enter();
        while (_sparse is { } slab)
        {
            (_sparse, slab.NextSparse, slab.IsSparse) = (slab.NextSparse, null, false);
            try
            {
                Empty(slab);
            }
            catch (OutOfMemoryException)
            {
                // The moved records have moved, and the rest is unchanged: the next call continues there.
                MarkIfSparse(slab);
                return;
            }
        }
    }

    /// <summary>All slabs by number. From now on no record in them will ever change.</summary>
    public byte[][] Share()
    {
        var shared = new byte[_slabs.Count][];
        for (var i = 0; i < shared.Length; i++)
        {
            if (_slabs[i] is not { } slab)
                continue;
            slab.Shared = slab.Used;
            shared[i] = slab.Bytes;
        }

        return shared;
    }

    private static int Append(Slab slab, int size)
    {
        var offset = slab.Used;
        slab.Used += size;
        slab.Live += size;
        return offset;
    }

    // A record that no longer fits leaves less room unused than its own size.
    private static int UsableRoom(Slab slab) => Math.Max(0, slab.Free - MaxSharedRecord);

    private bool FitsInPlace(in Slot slot, int size) =>
        !slot.IsFree && slot.Size == size && _slabs[slot.Slab] is { } own && slot.Offset >= own.Shared;

    private Slab NewSlab() =>
        new(memory.UninitializedBytes((int)Math.Clamp(Bytes, MinSlabBytes, MaxSlabBytes)));

    // Makes adding so many slabs, and dropping all of them, allocate nothing.
    private void ReserveNumbers(int count)
    {
        memory.EnsureCapacity(_slabs, _slabs.Count + count);
        memory.EnsureCapacity(_freeNumbers, _slabs.Count + count);
    }

    private Slab TakePrepared(int size)
    {
        var index = _prepared.FindIndex(slab => slab.Bytes.Length == size);
        var prepared = _prepared[index];
        _prepared.RemoveAt(index);
        return prepared;
    }

    // The slab at the end, with room for a record of that size.
    private Slab EndFor(int size)
    {
        if (_end.Free < size)
            BeginSlab();
        return _end;
    }

    private void BeginSlab()
    {
        if (_spares.Count == 0)
            ReserveNumbers(1);
        var full = _end;
        _end = Add(_spares.TryPop(out var spare) ? spare : NewSlab());
        if (full.Number >= 0)
            MarkIfSparse(full);
    }

    private Slab Add(Slab slab)
    {
        Bytes += slab.Bytes.Length;
        if (_freeNumbers.TryPop(out var number))
        {
            _slabs[number] = slab;
        }
        else
        {
            number = _slabs.Count;
            _slabs.Add(slab);
        }

        slab.Number = number;
        return slab;
    }

    private void Release(in Slot former)
    {
        var slab = _slabs[former.Slab]!;
        slab.Live -= former.Size;
        if (slab != _end)
            MarkIfSparse(slab);
    }

    private void MarkIfSparse(Slab slab)
    {
        if (slab.IsSparse || slab.Live > slab.Bytes.Length / 2)
            return;
        (slab.IsSparse, slab.NextSparse) = (true, _sparse);
        _sparse = slab;
    }

    private void Empty(Slab slab)
    {
        var at = 0;
        while (slab.Live > 0)
        {
            var record = slab.Bytes.AsSpan(at);
            var (owner, size) = SlabRecord.Read(record);
            if (slots[owner].Slab == slab.Number && slots[owner].Offset == at)
                Move(owner, slab, record[..size]);
            at += size;
        }

        Drop(slab);
    }

    private void Move(int owner, Slab from, ReadOnlySpan<byte> record)
    {
        var end = EndFor(record.Length);
        ref var slot = ref slots[owner];
        slot.Slab = end.Number;
        slot.Offset = Append(end, record.Length);
        record.CopyTo(end.Bytes.AsSpan(slot.Offset));
        from.Live -= record.Length;
    }

    private void Drop(Slab slab)
    {
        _slabs[slab.Number] = null;
        _freeNumbers.Push(slab.Number);
        Bytes -= slab.Bytes.Length;
        if (slab.Shared > 0 || slab.Bytes.Length != MaxSlabBytes || _spares.Count >= KeptSpares)
            return;
        slab.Used = 0;
        _spares.Push(slab);
    }
}
