using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Aether.Persistence.Codec;
using Aether.Persistence.State;
using Aether.Persistence.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Aether.Persistence.Snapshots;

/// <summary>
/// Keeps each snapshot as one file on the volume: its chunks, each after its length as u32, then the manifest as a
/// footer. A file gets its final name once it is complete and synced.
/// </summary>
public sealed partial class FileSnapshotStore(IFileSystem volume, ILogger<FileSnapshotStore>? logger = null)
    : ISnapshotStore
{
    private const string Folder = "snapshots";
    private const string Extension = ".snapshot";
    private const int FooterSize = 64;
    private const uint FooterMagic = 0x31465341; // "ASF1"

    // Deletes the temporary files of writers that ended while they wrote a snapshot.
    /// <inheritdoc />
    public Task OpenAsync(Epoch epoch, CancellationToken cancellationToken)
    {
        Attempt(() =>
        {
            CheckEpoch(epoch);
            var names = volume.List(Folder);
            var unfinished = names.Where(IsUnfinished).ToList();
            foreach (var name in names.Where(name => TryParse(name) is null).Except(unfinished))
                LogForeign(logger ?? NullLogger<FileSnapshotStore>.Instance, Folder, name);
            foreach (var name in unfinished)
                volume.Delete($"{Folder}/{name}");
            if (unfinished.Count > 0)
                volume.SyncFolder(Folder);
        });
        return Task.CompletedTask;
    }

    /// <inheritdoc />
    public Task<IReadOnlyList<SnapshotManifest>> ListAsync(CancellationToken cancellationToken) =>
        Task.FromResult(Attempt(List));

    /// <inheritdoc />
    public async Task WriteAsync(
        SnapshotManifest manifest, IAsyncEnumerable<ReadOnlyMemory<byte>> chunks, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        ArgumentNullException.ThrowIfNull(chunks);
        var path = PathOf(manifest);
        var temporary = path + FileSystemExtensions.TemporaryExtension;
        try
        {
            using (var file = Attempt(() => Begin(manifest, temporary)))
            {
                var end = await WriteChunksAsync(file, chunks, cancellationToken);
                Attempt(() =>
                {
                    file.Write(end, Footer(manifest));
                    file.Sync();
                });
            }
            Attempt(() =>
            {
                CheckEpoch(manifest.Epoch);
                volume.Rename(temporary, path);
                volume.SyncFolder(Folder);
            });
        }
        catch
        {
            Discard(temporary);
            throw;
        }
    }

    /// <inheritdoc />
    public async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync(
        SnapshotManifest manifest, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        await Task.Yield();
        using var file = Attempt(() => volume.Open(PathOf(manifest)));
        var end = Attempt(() => file.Length) - FooterSize;
        for (long offset = 0; offset < end;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var chunk = Attempt(() => ReadChunk(file, offset, end));
            offset += sizeof(uint) + chunk.Length;
            yield return chunk;
        }
    }

    /// <inheritdoc />
    public Task DeleteAsync(Epoch epoch, SnapshotManifest manifest, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        Attempt(() =>
        {
            CheckEpoch(epoch);
            volume.Delete(PathOf(manifest));
            volume.SyncFolder(Folder);
        });
        return Task.CompletedTask;
    }

    private IFile Begin(SnapshotManifest manifest, string temporary)
    {
        CheckEpoch(manifest.Epoch);
        volume.CreateFolder(Folder);
        volume.SyncFolder("");
        volume.Delete(temporary);
        return volume.Create(temporary);
    }

    // On a full disk the unfinished file would take the room that the log needs.
    private void Discard(string temporary)
    {
        try
        {
            volume.Delete(temporary);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The next writer deletes the file; the caller gets the cause.
        }
    }

    private IReadOnlyList<SnapshotManifest> List() =>
    [
        .. volume.List(Folder)
            .Select(TryParse)
            .OfType<(Sequence Sequence, Epoch Epoch)>()
            .Select(key => ReadManifest(key.Sequence, key.Epoch))
            .OrderByDescending(manifest => manifest.Sequence)
            .ThenByDescending(manifest => manifest.Epoch),
    ];

    private void CheckEpoch(Epoch epoch)
    {
        var highest = List().Select(manifest => manifest.Epoch).DefaultIfEmpty().Max();
        if (highest > epoch)
            throw new FencedException(epoch, highest, "unknown");
    }

    private static async Task<long> WriteChunksAsync(
        IFile file, IAsyncEnumerable<ReadOnlyMemory<byte>> chunks, CancellationToken cancellationToken)
    {
        var length = new byte[sizeof(uint)];
        long offset = 0;
        await foreach (var chunk in chunks.WithCancellation(cancellationToken))
        {
            BinaryPrimitives.WriteInt32LittleEndian(length, chunk.Length);
            Attempt(() =>
            {
                file.Write(offset, length);
                file.Write(offset + length.Length, chunk.Span);
            });
            offset += length.Length + chunk.Length;
        }
        return offset;
    }

    private static byte[] ReadChunk(IFile file, long offset, long end)
    {
        Span<byte> length = stackalloc byte[sizeof(uint)];
        _ = file.Read(offset, length);
        offset += length.Length;

        // A damaged length must not make the reader allocate too much; a chunk that is too short fails its checksum.
        var left = Math.Max(0, end - offset);
        var chunk = new byte[Math.Min(BinaryPrimitives.ReadUInt32LittleEndian(length), left)];
        _ = file.Read(offset, chunk);
        return chunk;
    }

    internal static string PathOf(SnapshotManifest manifest) => PathOf(manifest.Sequence, manifest.Epoch);

    private static string PathOf(Sequence sequence, Epoch epoch) =>
        $"{Folder}/{sequence.Value:D20}-{epoch.Value:D20}{Extension}";

    private static bool IsUnfinished(string name) =>
        name.EndsWith(FileSystemExtensions.TemporaryExtension, StringComparison.Ordinal)
        && TryParse(name[..^FileSystemExtensions.TemporaryExtension.Length]) is not null;

    // Returns null for a file with another name: no agent wrote it, so it stays.
    private static (Sequence Sequence, Epoch Epoch)? TryParse(string name)
    {
        if (!name.EndsWith(Extension, StringComparison.Ordinal)
            || name[..^Extension.Length].Split('-') is not [var first, var second]
            || !ulong.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out var sequence)
            || !ulong.TryParse(second, NumberStyles.None, CultureInfo.InvariantCulture, out var epoch)
            || PathOf(new Sequence(sequence), new Epoch(epoch)) != $"{Folder}/{name}")
            return null;
        return (new Sequence(sequence), new Epoch(epoch));
    }

    private static byte[] Footer(SnapshotManifest manifest)
    {
        var footer = new byte[FooterSize];
        BinaryPrimitives.WriteUInt32LittleEndian(footer, FooterMagic);
        BinaryPrimitives.WriteInt32LittleEndian(footer.AsSpan(8), manifest.FormatVersion);
        BinaryPrimitives.WriteUInt64LittleEndian(footer.AsSpan(12), manifest.Sequence.Value);
        BinaryPrimitives.WriteUInt64LittleEndian(footer.AsSpan(20), manifest.Epoch.Value);
        BinaryPrimitives.WriteInt64LittleEndian(footer.AsSpan(28), LogTime.ToMicroseconds(manifest.CapturedAt));
        manifest.Digest.Write(footer.AsSpan(36));
        BinaryPrimitives.WriteUInt64LittleEndian(footer.AsSpan(52), manifest.Keys);
        BinaryPrimitives.WriteUInt32LittleEndian(footer.AsSpan(4), Crc32C.Of(footer.AsSpan(8)));
        return footer;
    }

    private SnapshotManifest ReadManifest(Sequence sequence, Epoch epoch)
    {
        var footer = new byte[FooterSize];
        using var file = volume.Open(PathOf(sequence, epoch));
        _ = file.Read(Math.Max(0, file.Length - FooterSize), footer);
        if (BinaryPrimitives.ReadUInt32LittleEndian(footer) != FooterMagic
            || BinaryPrimitives.ReadUInt32LittleEndian(footer.AsSpan(4)) != Crc32C.Of(footer.AsSpan(8))
            || !LogTime.IsTime(BinaryPrimitives.ReadInt64LittleEndian(footer.AsSpan(28)))

            // A copy of another snapshot, which must not be read or deleted in place of this one.
            || BinaryPrimitives.ReadUInt64LittleEndian(footer.AsSpan(12)) != sequence.Value
            || BinaryPrimitives.ReadUInt64LittleEndian(footer.AsSpan(20)) != epoch.Value)
            return Damaged(sequence, epoch);
        return new SnapshotManifest
        {
            FormatVersion = BinaryPrimitives.ReadInt32LittleEndian(footer.AsSpan(8)),
            Sequence = sequence,
            Epoch = epoch,
            CapturedAt = LogTime.FromMicroseconds(BinaryPrimitives.ReadInt64LittleEndian(footer.AsSpan(28))),
            Digest = StateDigest.Read(footer.AsSpan(36)),
            Keys = BinaryPrimitives.ReadUInt64LittleEndian(footer.AsSpan(52)),
        };
    }

    private static void Attempt(Action action) => Attempt(() =>
    {
        action();
        return true;
    });

    // A full or failing disk costs a snapshot, not the world: the next interval tries again.
    private static T Attempt<T>(Func<T> action)
    {
        try
        {
            return action();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StoreUnavailableException("volume", exception.Message, exception);
        }
    }

    // Listed nevertheless, by its name, so that recovery reports what it could not use: no reader accepts version 0.
    private static SnapshotManifest Damaged(Sequence sequence, Epoch epoch) => new()
    {
        FormatVersion = 0,
        Sequence = sequence,
        Epoch = epoch,
        CapturedAt = DateTimeOffset.UnixEpoch,
        Digest = StateDigest.Empty,
        Keys = 0,
    };

    [LoggerMessage(2403, LogLevel.Warning,
        "'{Folder}/{Name}' on the volume is not a snapshot that an agent wrote. The agent ignores it")]
    private static partial void LogForeign(ILogger logger, string folder, string name);
}
