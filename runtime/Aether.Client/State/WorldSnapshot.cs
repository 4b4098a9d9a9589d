namespace Aether.Client;

/// <summary>A snapshot that is stored.</summary>
/// <param name="Sequence">The last commit it contains.</param>
/// <param name="Keys">Number of keys.</param>
/// <param name="StateDigest">Digest of its state, in hexadecimal digits.</param>
public sealed record WorldSnapshot(ulong Sequence, ulong Keys, string StateDigest);
