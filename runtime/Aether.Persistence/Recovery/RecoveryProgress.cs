namespace Aether.Persistence.Recovery;

/// <summary>
/// The progress of a running recovery: how many keys of the snapshot and how many commits are done, out of all.
/// </summary>
internal sealed class RecoveryProgress
{
    private readonly Lock _gate = new();
    private ulong _keys;  // _gate
    private ulong _keysRead;  // _gate
    private Sequence _start;  // _gate
    private Sequence _target;  // _gate
    private Sequence _reached;  // _gate
    private bool _completed;  // _gate

    /// <summary>The last commit that is part of the recovered state.</summary>
    public Sequence Reached
    {
        get
        {
            lock (_gate)
                return _reached;
        }
    }

    /// <summary>From 0 to 1; 1 only once the state is complete.</summary>
    public double Ratio
    {
        get
        {
            lock (_gate)
            {
                if (_completed)
                    return 1;
                var total = _keys + (double)(_target.Value - _start.Value);
                var done = _keysRead + (double)(_reached.Value - _start.Value);
                return total > 0 ? Math.Min(done / total, 0.999) : 0;
            }
        }
    }

    /// <summary>
    /// Starts, or starts over with another snapshot, which holds <paramref name="keys"/> keys at
    /// <paramref name="start"/>; both are 0 if there is no snapshot.
    /// </summary>
    public void Begin(ulong keys, Sequence start, Sequence target)
    {
        lock (_gate)
        {
            (_keys, _keysRead) = (keys, 0);
            (_start, _reached, _target) = (start, start, target > start ? target : start);
        }
    }

    /// <summary>Sets how many keys of the snapshot are loaded.</summary>
    public void Read(ulong keys)
    {
        lock (_gate)
            _keysRead = keys;
    }

    /// <summary>Sets the last commit that is part of the state.</summary>
    public void Reach(Sequence sequence)
    {
        lock (_gate)
            _reached = sequence;
    }

    /// <summary>Marks the state as complete.</summary>
    public void Complete()
    {
        lock (_gate)
            _completed = true;
    }
}
