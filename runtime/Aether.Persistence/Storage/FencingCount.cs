using System.Text;

namespace Aether.Persistence.Storage;

/// <summary>
/// How often agents of a volume were fenced. Stored on the volume, because a fenced agent exits at once.
/// </summary>
internal sealed class FencingCount
{
    public const string File = "fencings";

    private readonly IFileSystem _volume;
    private long _value;

    private FencingCount(IFileSystem volume, long value)
    {
        _volume = volume;
        _value = value;
    }

    public long Value => Volatile.Read(ref _value);

    /// <summary>
    /// Reads the count of former agents. If the file is unreadable, the count starts at 0, because no world should wait
    /// for it.
    /// </summary>
    public static FencingCount Open(IFileSystem volume)
    {
        var text = volume.Exists(File) ? Encoding.UTF8.GetString(volume.ReadAll(File)) : "";
        return new FencingCount(
            volume, long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : 0);
    }

    /// <summary>Adds one.</summary>
    /// <exception cref="IOException">The count could not be stored on the volume.</exception>
    public void Add()
    {
        var value = Interlocked.Increment(ref _value);
        _volume.Replace(File, Encoding.UTF8.GetBytes(value.ToString(CultureInfo.InvariantCulture)));
    }
}
