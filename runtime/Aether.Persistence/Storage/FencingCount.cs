using System.Text;

namespace Aether.Persistence.Storage;

/// <summary>
/// How often agents of a volume were fenced. It is kept on the volume, because a fenced agent exits at once.
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

    /// <summary>Reads what former agents counted. No world waits for it: an unreadable file starts over.</summary>
    public static FencingCount Open(IFileSystem volume)
    {
        var text = volume.Exists(File) ? Encoding.UTF8.GetString(volume.ReadAll(File)) : "";
        return new FencingCount(
            volume, long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : 0);
    }

    /// <summary>Counts one.</summary>
    /// <exception cref="IOException">It could not be kept on the volume.</exception>
    public void Add()
    {
        var value = Interlocked.Increment(ref _value);
        _volume.Replace(File, Encoding.UTF8.GetBytes(value.ToString(CultureInfo.InvariantCulture)));
    }
}
