namespace Aether.Persistence.State;

/// <summary>A large array that holds the records of many keys: one object where there were thousands.</summary>
internal sealed class Slab(byte[] bytes)
{
    /// <summary>The records, one behind the other.</summary>
    public byte[] Bytes => bytes;

    /// <summary>Where the next record goes.</summary>
    public int Used { get; set; }

    /// <summary>Bytes of the records that are still the newest of their key.</summary>
    public int Live { get; set; }

    /// <summary>Up to here captures refer to the records, which must not change any more.</summary>
    public int Shared { get; set; }
}
