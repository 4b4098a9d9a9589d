namespace Aether.Persistence.Wal;

/// <summary>An open volume: locked against other agents, and known by an identity that stands on it.</summary>
internal sealed class Volume : IDisposable
{
    public const string LockFile = "volume.lock";

    private readonly IDisposable _lock;

    private Volume(IDisposable @lock, Guid id, FencingCount fencings)
    {
        _lock = @lock;
        Id = id;
        Fencings = fencings;
    }

    /// <summary>Its identity, made when it was first opened.</summary>
    public Guid Id { get; }

    /// <summary>How often agents of it were fenced.</summary>
    public FencingCount Fencings { get; }

    /// <exception cref="VolumeInUseException">Another agent has it open.</exception>
    /// <exception cref="VolumeMismatchException">It belongs to another world.</exception>
    public static Volume Open(IFileSystem files, string worldId)
    {
        var @lock = files.TryLock(LockFile) ?? throw new VolumeInUseException();
        try
        {
            return new Volume(@lock, EnsureIdentity(files, worldId), FencingCount.Open(files));
        }
        catch
        {
            @lock.Dispose();
            throw;
        }
    }

    public void Dispose() => _lock.Dispose();

    private static Guid EnsureIdentity(IFileSystem files, string worldId)
    {
        if (files.Exists(VolumeIdentity.File))
            return ReadIdentity(files, worldId);

        var identity = new VolumeIdentity(Guid.NewGuid(), worldId);
        identity.Write(files);
        return identity.Id;
    }

    private static Guid ReadIdentity(IFileSystem files, string worldId)
    {
        var identity = VolumeIdentity.Read(files);
        return identity.World == worldId ? identity.Id : throw new VolumeMismatchException(worldId, identity.World);
    }
}
