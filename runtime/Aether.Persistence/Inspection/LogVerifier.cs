using Aether.Persistence.Codec;
using Aether.Persistence.Lease;
using Aether.Persistence.Recovery;
using Aether.Persistence.Snapshots;
using Aether.Persistence.State;
using Aether.Persistence.Storage;
using Aether.Persistence.Wal;

namespace Aether.Persistence.Inspection;

/// <summary>
/// Verifies a log and the other files on its volume: every checksum, the chain, sequences, epochs and the world. Then
/// replays the log, so that the recorded digests prove the state. Changes nothing.
/// </summary>
public sealed class LogVerifier(IFileSystem volume, string world, string folder = WriteAheadLog.Folder)
{
    private readonly SnapshotInspector _snapshots = new(volume, world);

    /// <summary>Reads the log twice: once to check its bytes, once to replay it.</summary>
    public async Task<LogVerdict> VerifyAsync(CancellationToken cancellationToken)
    {
        var survey = LogSurvey.Of(volume, folder, WorldHash.Of(world));
        var damages = survey.Damages.ToList();
        var run = survey.FirstRun;
        var (state, proof, snapshot) = await ChooseStartAsync(run, cancellationToken);
        var replayed = 0UL;
        if (proof != LogProof.ChecksumsOnly)
            replayed = Replay(run!, state, damages, cancellationToken);

        var holds = run is { IsEmpty: false };
        return new LogVerdict
        {
            Segments = survey.Segments,
            Damages = damages,
            Gaps = survey.Gaps,
            First = holds ? run!.First : Sequence.None,
            SoundThrough = holds ? run!.End.Last : Sequence.None,
            Proof = proof,
            Snapshot = snapshot?.Sequence ?? Sequence.None,
            Replayed = replayed,
            Sequence = state.Sequence,
            Digest = state.Store.Digest,
            Keys = state.Store.Count,
            DamagedFiles = [.. FindDamagedFiles()],
            DamagedSnapshots = await FindDamagedSnapshotsAsync(cancellationToken),
        };
    }

    private IEnumerable<VolumeDamagedException> FindDamagedFiles()
    {
        foreach (var read in (Action[])[ReadIdentity, () => FileLease.ReadOpenings(volume)])
        {
            VolumeDamagedException? damage = null;
            try
            {
                read();
            }
            catch (VolumeDamagedException exception)
            {
                damage = exception;
            }

            if (damage is not null)
                yield return damage;
        }
    }

    private void ReadIdentity()
    {
        // A copy of just the log has no identity file; then the caller has named the world.
        if (volume.Exists(VolumeIdentity.File))
            _ = VolumeIdentity.Read(volume);
    }

    private async Task<List<SnapshotReport>> FindDamagedSnapshotsAsync(CancellationToken cancellationToken) =>
        [.. (await _snapshots.VerifyAsync(cancellationToken)).Where(report => report.Damage is not null)];

    private async Task<(WorldState, LogProof, SnapshotManifest?)> ChooseStartAsync(
        LogRun? run, CancellationToken cancellationToken)
    {
        if (run is { IsEmpty: false, First.Value: 1 })
            return (_snapshots.NewState(), LogProof.FromFirstCommit, null);
        var (state, manifest, _) = await _snapshots.LoadNewestAsync(cancellationToken);
        var connects = manifest is not null && run is { IsEmpty: false } && run.First <= manifest.Sequence.Next;
        return (state, connects ? LogProof.FromSnapshot : LogProof.ChecksumsOnly, manifest);
    }

    private ulong Replay(LogRun run, WorldState state, List<LogDamage> damages, CancellationToken cancellationToken)
    {
        var replayer = new Replayer(state);
        var replayed = 0UL;
        foreach (var (block, file, offset) in run.Read(volume))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (block.Last <= state.Sequence)
                continue;
            try
            {
                replayed += replayer.Replay(block, "log on the volume");
            }
            catch (RecoveryException exception)
            {
                damages.Add(new LogDamage(file, offset, exception.Message));
                break;
            }
        }
        return replayed;
    }
}
