namespace Aether.Persistence.Storage;

/// <summary>An open volume, locked against other agents. A file on it holds its identity.</summary>
internal sealed class Volume : IDisposable
{
    public const string LockFile = "volume.lock";

    private readonly IDisposable _lock;

    private Volume(IDisposable @lock, VolumeIdentity identity, FencingCount fencings)
    {
        _lock = @lock;
        Id = identity.Id;
        World = identity.World;
        Fencings = fencings;
    }

    /// <summary>Identity of the volume, created when it was first opened.</summary>
    public Guid Id { get; }

    /// <summary>
    /// Identity of the world according to the volume: the agent's own or a former one. The log on the volume is written
    /// with it too, so that everything on a volume carries one identity.
    /// </summary>
    public string World { get; }

    /// <summary>How often agents of this volume were fenced.</summary>
    public FencingCount Fencings { get; }

    /// <exception cref="VolumeInUseException">Another agent has the volume open.</exception>
    /// <exception cref="VolumeMismatchException">The volume belongs to another world.</exception>
    public static Volume Open(IFileSystem files, PersistenceOptions options)
    {
        var @lock = files.TryLock(LockFile) ?? throw new VolumeInUseException();
        try
        {
            return new Volume(@lock, EnsureIdentity(files, options), FencingCount.Open(files));
        }
        catch
        {
            @lock.Dispose();
            throw;
        }
    }

    public void Dispose() => _lock.Dispose();

    private static VolumeIdentity EnsureIdentity(IFileSystem files, PersistenceOptions options)
    {
        if (files.Exists(VolumeIdentity.File))
            return ReadIdentity(files, options);

        var identity = new VolumeIdentity(Guid.NewGuid(), options.WorldId);
        identity.Write(files);
        return identity;
    }

    private static VolumeIdentity ReadIdentity(IFileSystem files, PersistenceOptions options)
    {
        var identity = VolumeIdentity.Read(files);
        return identity.World == options.WorldId || options.FormerWorldIds.Contains(identity.World)
            ? identity
            : throw new VolumeMismatchException(options.WorldId, identity.World);
    }
}
