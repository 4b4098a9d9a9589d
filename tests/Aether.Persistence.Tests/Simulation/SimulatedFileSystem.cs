using Aether.Persistence.Storage;

namespace Aether.Persistence.Tests.Simulation;

/// <summary>
/// A file system that forgets everything that was not synced. It replaces a real one only for what that cannot be made
/// to do: lose unsynced writes and names, fail a sync, become full in the middle of a write.
/// </summary>
internal sealed class SimulatedFileSystem(int seed) : IFileSystem
{
    private readonly Lock _gate = new();
    private readonly Random _random = new(seed);
    private readonly List<NameChange> _unsyncedNames = [];
    private readonly HashSet<string> _locks = [];
    private SortedDictionary<string, SimulatedFile> _names = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, SimulatedFile> _storedNames = new(StringComparer.Ordinal);
    private (long Call, Fault Fault)? _planned;
    private int _boot;
    private bool _stopped;
    private bool _full;
    private bool _tears;

    /// <summary>While closed, it blocks every sync of a file, like a hanging disk.</summary>
    public ManualResetEventSlim SyncGate { get; } = new(initialState: true);

    /// <summary>Number of calls so far that could fail.</summary>
    public long Calls { get; private set; }

    /// <summary>Whether the planned fault has happened.</summary>
    public bool Faulted { get; private set; }

    /// <summary>Whether a sector was torn at the last loss of power.</summary>
    public bool Tore { get; private set; }

    /// <summary>Paths of all files.</summary>
    public IReadOnlyList<string> Paths
    {
        get
        {
            lock (_gate)
                return [.. _names.Keys];
        }
    }

    /// <summary>Changes the content of a file, on the disk and in the cache, as a failing disk might.</summary>
    public void Damage(string path, Action<Memory<byte>> damage)
    {
        lock (_gate)
            Find(path).Damage(damage);
    }

    /// <summary>Plans a fault for the call with this number, counted from now.</summary>
    public void Plan(long call, Fault fault)
    {
        lock (_gate)
        {
            _planned = (Calls + call, fault);
            Faulted = false;
        }
    }

    /// <summary>Restarts the machine. All objects of the former process are dead.</summary>
    public void Restart(bool powerLoss)
    {
        lock (_gate)
        {
            _boot++;
            _stopped = false;
            _full = false;
            _planned = null;
            _locks.Clear();
            if (powerLoss)
                LosePower();
        }
    }

    /// <summary>Another machine with the same content, in cache and on disk.</summary>
    public SimulatedFileSystem Clone(int seed)
    {
        lock (_gate)
        {
            var clones = new Dictionary<SimulatedFile, SimulatedFile>();
            var clone = new SimulatedFileSystem(seed);
            foreach (var (path, file) in _names)
                clone._names.Add(path, CloneOf(file));
            foreach (var (path, file) in _storedNames)
                clone._storedNames.Add(path, CloneOf(file));
            clone._unsyncedNames.AddRange(_unsyncedNames.Select(change => change.With(CloneOf)));
            return clone;

            SimulatedFile CloneOf(SimulatedFile file)
            {
                if (!clones.TryGetValue(file, out var found))
                    clones.Add(file, found = file.Clone());
                return found;
            }
        }
    }

    public IFile Create(string path) => Run(
        () =>
        {
            if (_names.ContainsKey(path))
                throw new IOException($"'{path}' exists.");
            if (_full)
                throw NoRoom();
            var file = new SimulatedFile();
            Change(new NameChange([], [(path, file)]));
            return (IFile)new Handle(this, file);
        });

    public IFile Open(string path) => Run<IFile>(() => new Handle(this, Find(path)));

    public bool Exists(string path) => Run(() => _names.ContainsKey(path));

    public IReadOnlyList<string> List(string folder) => Run<IReadOnlyList<string>>(
        () => [.. _names.Keys.Where(path => FolderOf(path) == folder).Select(path => Path.GetFileName(path))]);

    public void CreateFolder(string folder) => Run(() => true);

    public void Rename(string from, string to) => Run(
        () =>
        {
            string[] moved = _names.ContainsKey(from)
                ? [from]
                : [.. _names.Keys.Where(path => FolderOf(path) == from)];
            Change(new NameChange(moved, [.. moved.Select(path => (to + path[from.Length..], _names[path]))]));
            return true;
        });

    public void Delete(string path) => Run(
        () =>
        {
            if (_names.ContainsKey(path))
                Change(new NameChange([path], []));
            return true;
        });

    // Like the journal of a real file system: a sync also makes all earlier changes durable.
    public void SyncFolder(string folder) => Run(
        () =>
        {
            foreach (var change in _unsyncedNames)
                change.ApplyTo(_storedNames);
            _unsyncedNames.Clear();
            return true;
        });

    public IDisposable? TryLock(string path) => Run<IDisposable?>(
        () => _locks.Add(path) ? new LockHandle(this, path, _boot) : null);

    private static string FolderOf(string path) =>
        path.Contains('/', StringComparison.Ordinal) ? path[..path.LastIndexOf('/')] : "";

    private SimulatedFile Find(string path) =>
        _names.TryGetValue(path, out var file) ? file : throw new FileNotFoundException($"There is no '{path}'.", path);

    private static IOException NoRoom() => new("No space left on the simulated disk (ENOSPC).", DiskError.NoSpace);

    private void Change(NameChange change)
    {
        change.ApplyTo(_names);
        _unsyncedNames.Add(change);
    }

    // Journaling file systems keep the order of names, but POSIX does not promise it, so any of them may be missing.
    private void LosePower()
    {
        var inOrder = _random.Next(2) == 0;
        var first = _random.Next(_unsyncedNames.Count + 1);
        foreach (var (index, change) in _unsyncedNames.Index())
            if (inOrder ? index < first : _random.Next(2) == 0)
                change.ApplyTo(_storedNames);
        _unsyncedNames.Clear();
        _names = new SortedDictionary<string, SimulatedFile>(_storedNames, StringComparer.Ordinal);
        Tore = false;
        foreach (var file in _names.Values.Distinct())
            Tore |= file.LosePower(_random, _tears && !Tore);
        _tears = false;
    }

    private T Run<T>(Func<T> call, Action<Fault>? part = null)
    {
        lock (_gate)
        {
            if (_stopped)
                throw new PowerLossException();
            var fault = _planned is { } planned && planned.Call == Calls++ ? planned.Fault : (Fault?)null;
            Faulted |= fault is not null;
            switch (fault)
            {
                case null:
                    return call();
                case Fault.Full:
                    _full = true;
                    return call();
                case Fault.Error:
                    part?.Invoke(Fault.Error);
                    throw new IOException("The simulated disk failed (EIO).");
                case Fault.KillDuring when part is not null:
                    part(Fault.KillDuring);
                    break;
                case Fault.PowerLossAfter or Fault.TornSector or Fault.KillDuring:
                    call();
                    break;
            }

            _tears = fault is Fault.TornSector;
            _stopped = true;
            throw new PowerLossException();
        }
    }

    private void CheckAlive(int boot)
    {
        if (boot != _boot)
            throw new PowerLossException();
    }

    private sealed class Handle(SimulatedFileSystem files, SimulatedFile file) : IFile
    {
        private readonly int _boot = files._boot;

        public long Length => Run(() => (long)file.Length);

        public int Read(long offset, Span<byte> destination)
        {
            var buffer = new byte[destination.Length];
            var read = Run(() => file.Read(offset, buffer));
            buffer.AsSpan(0, read).CopyTo(destination);
            return read;
        }

        public void Write(long offset, ReadOnlySpan<byte> source)
        {
            var bytes = source.ToArray();
            Run(
                () =>
                {
                    var room = files._full ? (int)Math.Clamp(file.Length - offset, 0, bytes.Length) : bytes.Length;
                    file.Write(offset, bytes.AsSpan(0, room));
                    if (room < bytes.Length)
                        throw NoRoom();
                },
                fault => file.Write(offset, bytes.AsSpan(
                    0, fault is Fault.Error ? bytes.Length / 2 : files._random.Next(bytes.Length + 1))));
        }

        public void Sync()
        {
            files.SyncGate.Wait();
            Run(
                file.Sync,
                fault =>
                {
                    if (fault is Fault.Error)
                        file.FailSync();
                    else
                        file.Sync();
                });
        }

        public void SetLength(long length) => Run(() =>
        {
            if (files._full && length > file.Length)
                throw NoRoom();
            file.SetLength(length);
        });

        public void Dispose()
        {
        }

        private void Run(Action call, Action<Fault>? part = null) => Run(
            () =>
            {
                call();
                return true;
            },
            part);

        private T Run<T>(Func<T> call, Action<Fault>? part = null) => files.Run(
            () =>
            {
                files.CheckAlive(_boot);
                return call();
            },
            part);
    }

    private sealed class LockHandle(SimulatedFileSystem files, string path, int boot) : IDisposable
    {
        public void Dispose()
        {
            lock (files._gate)
                if (boot == files._boot)
                    files._locks.Remove(path);
        }
    }
}
