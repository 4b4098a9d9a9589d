using System.Text;
using Aether.Persistence.Storage;

namespace Aether.Persistence.Lease;

/// <summary>
/// The lease of a local world: an exclusive file lock, which ends with its process, and a file that records each
/// opening. It never expires; a holder that hangs must be killed.
/// </summary>
public sealed class FileLease(IFileSystem volume, TimeProvider clock) : IWorldLease, IDisposable
{
    private const string LockFile = "lease.lock";
    private const string EpochsFile = "lease.epochs";
    private const int KeptOpenings = 1000;

    // How long another process will keep the lock is unknown, so try again after this time.
    private static readonly TimeSpan Unknown = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private IDisposable? _lock;  // _gate

    /// <inheritdoc />
    public Task<LeaseAttempt> TryAcquireAsync(LeaseRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        lock (_gate)
        {
            var taken = _lock ?? volume.TryLock(LockFile);
            var openings = ReadOpenings();
            if (taken is null)
            {
                var holder = openings.LastOrDefault();
                return Task.FromResult(
                    LeaseAttempt.HeldBy(holder?.Epoch ?? Epoch.None, holder?.Holder ?? "unknown", Unknown));
            }
            try
            {
                var former = openings.LastOrDefault()?.Epoch ?? Epoch.None;
                var epoch = new Epoch(Math.Max(former.Value, request.Above.Value) + 1);
                var now = clock.GetUtcNow();
                openings.Add(new EpochRecord(epoch, request.Holder, request.VolumeId, now));
                WriteOpenings(openings.TakeLast(KeptOpenings));
                _lock = taken;
                return Task.FromResult(LeaseAttempt.Taken(epoch, request.Holder, request.TimeToLive, now));
            }
            catch
            {
                if (_lock is null)
                    taken.Dispose();
                throw;
            }
        }
    }

    /// <inheritdoc />
    public Task RenewAsync(Epoch epoch, TimeSpan timeToLive, CancellationToken cancellationToken) =>
        ConfirmAsync(epoch, cancellationToken);

    /// <inheritdoc />
    public Task ConfirmAsync(Epoch epoch, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            var current = ReadOpenings().LastOrDefault();
            return current is null || current.Epoch == epoch
                ? Task.CompletedTask
                : Task.FromException(new FencedException(epoch, current.Epoch, current.Holder));
        }
    }

    /// <inheritdoc />
    public Task ReleaseAsync(Epoch epoch, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (ReadOpenings().LastOrDefault()?.Epoch == epoch)
                Dispose();
        }
        return Task.CompletedTask;
    }

    /// <inheritdoc />
    public Task<IReadOnlyList<EpochRecord>> ReadEpochsAfterAsync(Epoch epoch, CancellationToken cancellationToken)
    {
        lock (_gate)
            return Task.FromResult<IReadOnlyList<EpochRecord>>(
                [.. ReadOpenings().Where(record => record.Epoch > epoch)]);
    }

    /// <summary>Releases the lock, as the end of the process would.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _lock?.Dispose();
            _lock = null;
        }
    }

    /// <summary>Reads the recorded openings, for commands that only inspect a volume.</summary>
    /// <exception cref="VolumeDamagedException">The file is damaged.</exception>
    internal static IReadOnlyList<EpochRecord> ReadOpenings(IFileSystem volume) => Read(volume);

    private List<EpochRecord> ReadOpenings() => Read(volume);

    private static List<EpochRecord> Read(IFileSystem volume)
    {
        if (!volume.Exists(EpochsFile))
            return [];
        var text = Encoding.UTF8.GetString(volume.ReadAll(EpochsFile));
        return [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Parse)];
    }

    private void WriteOpenings(IEnumerable<EpochRecord> openings)
    {
        var text = new StringBuilder();
        foreach (var opening in openings)
            text.Append(
                CultureInfo.InvariantCulture,
                $"{opening.Epoch} {opening.VolumeId:D} {opening.OpenedAt:O} {opening.Holder}\n");
        Reserve.Replace(volume, EpochsFile, Encoding.UTF8.GetBytes(text.ToString()));
    }

    // A damaged file may contain anything, of any length.
    private static string Printable(string line) =>
        new([.. line.Take(80).Select(character => char.IsControl(character) ? '.' : character)]);

    private static EpochRecord Parse(string line)
    {
        var parts = line.Split(' ', 4);
        return parts.Length == 4
            && ulong.TryParse(parts[0], CultureInfo.InvariantCulture, out var epoch)
            && Guid.TryParse(parts[1], out var volumeId)
            && DateTimeOffset.TryParse(parts[2], CultureInfo.InvariantCulture, out var openedAt)
            ? new EpochRecord(new Epoch(epoch), parts[3], volumeId, openedAt)
            : throw new VolumeDamagedException(
                EpochsFile,
                $"the line '{Printable(line)}' does not record an opening of the world.",
                "Restore it from a backup, or move it out of the volume: the next agent then opens the world above the "
                + "epoch of its log.");
    }
}
