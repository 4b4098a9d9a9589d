using System.Text;

namespace Aether.Persistence.Storage;

/// <summary>Identity of a volume and of its world, in a file that is written once.</summary>
/// <param name="Id">Identity of the volume.</param>
/// <param name="World">Identity of the world.</param>
public sealed record VolumeIdentity(Guid Id, string World)
{
    /// <summary>The file.</summary>
    public const string File = "volume.id";

    private const string FirstLine = "aether-volume 1";

    /// <exception cref="VolumeDamagedException">The file does not hold an identity.</exception>
    /// <exception cref="IOException">The file does not exist.</exception>
    public static VolumeIdentity Read(IFileSystem volume)
    {
        ArgumentNullException.ThrowIfNull(volume);
        var lines = Encoding.UTF8.GetString(volume.ReadAll(File)).Split('\n');
        return lines is [FirstLine, var id, var world, ..] && Guid.TryParse(id, out var parsed)
            ? new VolumeIdentity(parsed, world)
            : throw new VolumeDamagedException(
                File,
                "it is not the identity of a volume.",
                "Restore it from a backup of the volume; deleting it makes the log on the volume count as another "
                + "volume's.");
    }

    internal void Write(IFileSystem volume) =>
        volume.Replace(File, Encoding.UTF8.GetBytes($"{FirstLine}\n{Id:D}\n{World}\n"));
}
