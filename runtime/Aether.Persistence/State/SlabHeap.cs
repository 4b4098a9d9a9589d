namespace Aether.Persistence.State;

/// <summary>
/// The memory of a state: keys and values stand as records in slabs, so that a state of any size is a few large objects
/// to the garbage collector. A value is written over the former one if it takes as much room and no capture holds that;
/// else it is a new record at the end. A slab whose records are mostly outdated is emptied into the end and used again:
/// all slabs together are at most about twice as large as what they hold. Not thread-safe.
/// </summary>
/// <remarks>
/// Captures share the slabs. What a capture can see is never changed: a slab that was shared is dropped, not used
/// again, when its records are gone, and lives on as long as the capture does. (Log-structured memory: Rumble et al.,
/// "Log-structured Memory for DRAM-based Storage", FAST 2014.)
/// </remarks>
internal sealed class SlabHeap(SlotTable slots)
{
    // The first slabs are small, for small worlds; none is smaller than the one before it.
    private const int MinSlabBytes = 32 << 10;
    private const int MaxSlabBytes = 256 << 10;

    // Larger ones have a slab each. So a new slab has room for a record beside what is moved there from the one before,
    // which is half of that at most.
    private const int MaxSharedRecord = MinSlabBytes / 4;
    private const int KeptSpares = 4;

    private readonly List<Slab?> _slabs = [];
    private readonly Stack<int> _freeNumbers = [];
    private readonly Stack<Slab> _spares = [];
    private Slab _end = new([]);
    private int _endNumber = -1;

    /// <summary>Bytes of all slabs.</summary>
    public long Bytes { get; private set; }

    public ReadOnlySpan<byte> Key(in Slot slot) => slot.KeyIn(_slabs[slot.Slab]!.Bytes);

    public ReadOnlyMemory<byte> Value(in Slot slot) => slot.ValueIn(_slabs[slot.Slab]!.Bytes);

    /// <summary>Begins to read a record, of a large one the first few cache lines.</summary>
    public int Touch(in Slot slot)
    {
        const int Most = 512;
        var sum = 0;
        var record = _slabs[slot.Slab]!.Bytes.AsSpan(slot.Offset, Math.Min(slot.Size, Most));
        for (var i = 0; i < record.Length; i += CacheLine.Size)
            sum += CacheLine.Touch(ref record[i]);
        return sum;
    }

    /// <summary>Keeps key and value for a slot, instead of what was kept for it.</summary>
    public void Store(int number, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        var size = SlabRecord.SizeOf(key.Length, value.Length);
        ref var slot = ref slots[number];
        if (!slot.IsFree && slot.Size == size && _slabs[slot.Slab] is { } own && slot.Offset >= own.Shared)
        {
            slot.ValueLength = value.Length;
            SlabRecord.Write(own.Bytes.AsSpan(slot.Offset, size), number, key, value);
            return;
        }

        var place = Reserve(size);

        // Not before: to make room may have moved it.
        var former = slot;
        slot.Slab = place;
        slot.KeyLength = key.Length;
        slot.ValueLength = value.Length;
        slot.Offset = Append(_slabs[place]!, size);
        SlabRecord.Write(_slabs[place]!.Bytes.AsSpan(slot.Offset, size), number, key, value);
        if (!former.IsFree)
            Release(former);
    }

    /// <summary>Keeps nothing for a slot any more.</summary>
    public void Remove(int number)
    {
        var former = slots[number];
        slots.Remove(number);
        Release(former);
    }

    /// <summary>All slabs by number, of which no record there is now will ever change.</summary>
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

    // The number of a slab that has room for a record of that size.
    private int Reserve(int size)
    {
        if (size > MaxSharedRecord)
            return Add(new Slab(GC.AllocateUninitializedArray<byte>(size)));
        while (_end.Bytes.Length - _end.Used < size)
            BeginSlab();
        return _endNumber;
    }

    private void BeginSlab()
    {
        var full = _endNumber;
        _end = _spares.TryPop(out var spare)
            ? spare
            : new Slab(GC.AllocateUninitializedArray<byte>((int)Math.Clamp(Bytes, MinSlabBytes, MaxSlabBytes)));
        _endNumber = Add(_end);
        if (full >= 0)
            Tidy(full);
    }

    private int Add(Slab slab)
    {
        Bytes += slab.Bytes.Length;
        if (_freeNumbers.TryPop(out var number))
        {
            _slabs[number] = slab;
            return number;
        }

        _slabs.Add(slab);
        return _slabs.Count - 1;
    }

    private void Release(in Slot former)
    {
        _slabs[former.Slab]!.Live -= former.Size;
        if (former.Slab != _endNumber)
            Tidy(former.Slab);
    }

    // Each byte that is moved here was paid for by one that went, so that this costs no more than the writes did.
    private void Tidy(int number)
    {
        var slab = _slabs[number]!;
        if (slab.Live > slab.Bytes.Length / 2)
            return;
        var at = 0;
        while (slab.Live > 0)
        {
            var record = slab.Bytes.AsSpan(at);
            var (owner, size) = SlabRecord.Read(record);
            if (slots[owner].Slab == number && slots[owner].Offset == at)
                Move(owner, slab, record[..size]);
            at += size;
        }

        Drop(number, slab);
    }

    private void Move(int owner, Slab from, ReadOnlySpan<byte> record)
    {
        var place = Reserve(record.Length);
        ref var slot = ref slots[owner];
        slot.Slab = place;
        slot.Offset = Append(_end, record.Length);
        record.CopyTo(_end.Bytes.AsSpan(slot.Offset));
        from.Live -= record.Length;
    }

    private void Drop(int number, Slab slab)
    {
        _slabs[number] = null;
        _freeNumbers.Push(number);
        Bytes -= slab.Bytes.Length;
        if (slab.Shared > 0 || slab.Bytes.Length != MaxSlabBytes || _spares.Count == KeptSpares)
            return;
        slab.Used = 0;
        _spares.Push(slab);
    }
}
