using System.CommandLine;
using Aether.Cli.Output;
using Aether.Persistence;
using Aether.Persistence.Inspection;

namespace Aether.Cli.Commands;

/// <summary>Tells whether an agent starts on a log, and how far its state is proven.</summary>
internal sealed class WalVerify : IVolumeCommand
{
    private readonly Option<string> _folder = CommandOptions.Folder();

    public Command Define() =>
        new("verify", "Check every byte of the log, and replay it against the recorded digests") { _folder };

    public async Task<ExitCode> RunAsync(
        Invocation invocation, ParseResult parsed, CancellationToken cancellationToken)
    {
        var (path, files, world) = invocation.Volume;
        var folder = invocation.Volume.FolderOf(parsed.GetValue(_folder)!);
        var verdict = await new LogVerifier(files, world, folder).VerifyAsync(cancellationToken);
        if (invocation.IsJson)
            invocation.WriteJson(
                new WalVerification(path, world, folder, verdict.IsSound, verdict), CliJson.Write);
        else
            Write(verdict, invocation);
        return verdict.IsSound ? ExitCode.Fine : ExitCode.Damaged;
    }

    private static void Write(LogVerdict verdict, Invocation invocation)
    {
        var output = invocation.Output;
        var blocks = verdict.Segments.Aggregate(0UL, (sum, segment) => sum + segment.Blocks);
        output.WriteLine(
            verdict.First == Sequence.None
                ? $"log     no commit in {Words.Count(verdict.Segments.Count, "segment")}"
                : $"log     {Words.Commits(verdict.First, verdict.SoundThrough)} without a gap; "
                    + $"{Words.Count(verdict.Segments.Count, "segment")}, {Words.Count(blocks, "block")}");
        if (verdict.Segments is [.., { State: SegmentState.Torn } torn])
            output.WriteLine(
                $"torn    {torn.TornBytes} bytes that were being written when the agent died; never acknowledged");
        output.WriteLine(
            verdict.Damages.Count == 0
                ? "bytes   every checksum, the chain, sequences, epochs, footers and the world are right"
                : $"bytes   damaged in {Words.Count(verdict.Damages.Count, "place")}");
        foreach (var damage in verdict.Damages)
            output.WriteLine($"damage  {damage.File}, byte {damage.Offset}: {damage.Reason}");
        foreach (var gap in verdict.Gaps)
            output.WriteLine($"gap     {Words.Gap(gap)}");
        foreach (var file in verdict.DamagedFiles)
            output.WriteLine($"damage  {file.File}: {file.Reason} {file.Advice}");
        foreach (var snapshot in verdict.DamagedSnapshots)
            output.WriteLine($"note    {snapshot.File} is damaged: {snapshot.Damage}");
        output.WriteLine($"replay  {Proof(verdict)}");
        if (verdict.Proof != LogProof.ChecksumsOnly)
            output.WriteLine(
                $"state   after commit {verdict.Sequence}: {Words.Count(verdict.Keys, "key")}, "
                + $"digest {verdict.Digest}");
        if (verdict.IsSound)
            output.WriteLine("sound   an agent starts on it");
        if (verdict.Damages.Count > 0)
            output.WriteLine($"next    aether wal repair {invocation.Volume.Path}");
    }

    private static string Proof(LogVerdict verdict) => verdict.Proof switch
    {
        LogProof.FromFirstCommit =>
            $"{Words.Count(verdict.Replayed, "commit")} from the first on; after each block the state had the "
            + "recorded digest",
        LogProof.FromSnapshot when verdict.Replayed > 0 =>
            $"{Words.Count(verdict.Replayed, "commit")} after the snapshot of commit {verdict.Snapshot}; after each "
            + "block the state had the recorded digest",
        LogProof.FromSnapshot => $"none: the snapshot of commit {verdict.Snapshot} holds everything in the log",
        _ when verdict.First == Sequence.None => "none: there is nothing to replay",
        _ => "not possible: the state before the log's first commit is not on this volume, so the result is not "
            + "proven",
    };
}
