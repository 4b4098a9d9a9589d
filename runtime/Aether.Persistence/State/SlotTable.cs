namespace Aether.Persistence.State;

/// <summary>The slots of all keys, by number; the number of a key that went is used again. Not thread-safe.</summary>
internal sealed class SlotTable
{
    private readonly Stack<int> _free = [];
    private Slot[] _slots = new Slot[16];
    private int _used;

    /// <summary>Slots in use.</summary>
    public int Count => _used - _free.Count;

    /// <summary>A slot; the reference is good until the next <see cref="Add"/>.</summary>
    public ref Slot this[int number] => ref _slots[number];

    /// <summary>Number of a slot that nobody uses yet; it is free until it is given a record.</summary>
    public int Add()
    {
        if (_free.TryPop(out var number))
            return number;
        if (_used == _slots.Length)
            Array.Resize(ref _slots, _used * 2);
        _slots[_used] = Slot.Free;
        return _used++;
    }

    public void Remove(int number)
    {
        _slots[number] = Slot.Free;
        _free.Push(number);
    }

    /// <summary>A copy of all, the free ones among them included.</summary>
    public Slot[] Copy() => _slots.AsSpan(0, _used).ToArray();
}
