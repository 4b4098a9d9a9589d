namespace Aether.Persistence.State;

/// <summary>The slots of all keys, by number. Numbers of removed keys are reused. Not thread-safe.</summary>
internal sealed class SlotTable(EngineMemory memory)
{
    private const int None = -1;

    private Slot[] _slots = new Slot[16];
    private int _used;

    // The free slots form a list through themselves, so that freeing a slot allocates nothing.
    private int _firstFree = None;
    private int _free;

    /// <summary>Number of slots in use.</summary>
    public int Count => _used - _free;

    /// <summary>Number of slots that fit.</summary>
    public int Capacity => _slots.Length;

    /// <summary>A slot; the reference is good until the next <see cref="Add"/>.</summary>
    public ref Slot this[int number] => ref _slots[number];

    /// <summary>Number of an unused slot, which is free until it gets a record.</summary>
    public int Add()
    {
        if (_free > 0)
        {
            var number = _firstFree;
            _firstFree = _slots[number].Offset;
            _free--;
            return number;
        }

        Reserve(1);
        _slots[_used] = Slot.Free;
        return _used++;
    }

    /// <summary>Grows if needed, so that the next <paramref name="count"/> additions allocate nothing.</summary>
    public void Reserve(int count)
    {
        if (count <= _free + _slots.Length - _used)
            return;
        var larger = memory.Array<Slot>(Math.Max(_slots.Length * 2, _used + count));
        _slots.AsSpan(0, _used).CopyTo(larger);
        _slots = larger;
    }

    public void Remove(int number)
    {
        _slots[number] = Slot.Free with { Offset = _firstFree };
        _firstFree = number;
        _free++;
    }

    /// <summary>A copy of all slots, including the free ones.</summary>
    public Slot[] Copy() => _slots.AsSpan(0, _used).ToArray();
}
