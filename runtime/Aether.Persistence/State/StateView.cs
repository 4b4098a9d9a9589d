namespace Aether.Persistence.State;

/// <summary>
/// The whole state as of one commit. It does not change while the world continues, so readers may take their time.
/// </summary>
public sealed class StateView
{
    private readonly StateImage _image;
    private readonly Lazy<IReadOnlyList<StateEntry>> _ordered;

    internal StateView(Sequence sequence, Epoch epoch, StateDigest digest, StateImage image)
    {
        Sequence = sequence;
        Epoch = epoch;
        Digest = digest;
        _image = image;
        _ordered = new Lazy<IReadOnlyList<StateEntry>>(image.Order);
    }

    /// <summary>The last commit in the state.</summary>
    public Sequence Sequence { get; }

    /// <summary>Epoch of the writer that captured it.</summary>
    public Epoch Epoch { get; }

    /// <summary>Digest of the state.</summary>
    public StateDigest Digest { get; }

    /// <summary>Number of keys.</summary>
    public int Count => _image.Count;

    /// <summary>
    /// All entries by kind, then id, in the order of their UTF-8. Sorted at first use, without holding the queue's
    /// gate.
    /// </summary>
    public IReadOnlyList<StateEntry> Entries => _ordered.Value;

    /// <summary>
    /// The entries of <paramref name="kind"/> whose id begins with <paramref name="idPrefix"/>, by id.
    /// </summary>
    public IReadOnlyList<StateEntry> Scan(string kind, string idPrefix)
    {
        ArgumentNullException.ThrowIfNull(kind);
        ArgumentNullException.ThrowIfNull(idPrefix);
        return _image.Scan(kind, idPrefix);
    }
}
