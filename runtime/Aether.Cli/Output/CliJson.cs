using System.Text.Json;
using Aether.Persistence;
using Aether.Persistence.Inspection;
using Aether.Persistence.Snapshots;

namespace Aether.Cli.Output;

/// <summary>
/// Results as JSON. docs/cli.md promises their names. Written by hand, because serializers generated for these types
/// made up half of what the command adds to the agent's program (ADR 0017).
/// </summary>
internal static class CliJson
{
    public static void Write(Utf8JsonWriter json, WalListing listing)
    {
        json.WriteStartObject();
        json.WriteString("volume", listing.Volume);
        json.WriteString("world", listing.World);
        json.WriteString("folder", listing.Folder);
        WriteArray(json, "segments", listing.Segments, Write);
        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, WalVerification verification)
    {
        json.WriteStartObject();
        json.WriteString("volume", verification.Volume);
        json.WriteString("world", verification.World);
        json.WriteString("folder", verification.Folder);
        json.WriteBoolean("sound", verification.Sound);
        json.WritePropertyName("verdict");
        Write(json, verification.Verdict);
        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, WalRepairing repairing)
    {
        json.WriteStartObject();
        json.WriteString("volume", repairing.Volume);
        json.WriteString("world", repairing.World);
        json.WriteBoolean("done", repairing.Done);
        json.WritePropertyName("plan");
        Write(json, repairing.Plan);
        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, CommitLine line)
    {
        json.WriteStartObject();
        json.WriteNumber("sequence", line.Sequence.Value);
        json.WriteString("committedAt", line.CommittedAt);
        json.WriteNumber("epoch", line.Epoch.Value);
        json.WriteString("idempotencyKey", line.IdempotencyKey);
        WriteArray(json, "changes", line.Changes, Write);
        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, SnapshotListing listing)
    {
        json.WriteStartObject();
        json.WriteString("volume", listing.Volume);
        json.WriteString("world", listing.World);
        WriteArray(json, "snapshots", listing.Snapshots, Write);
        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, DivergedListing listing)
    {
        json.WriteStartObject();
        json.WriteString("volume", listing.Volume);
        json.WriteString("world", listing.World);
        WriteArray(json, "diverged", listing.Diverged, Write);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, SegmentReport segment)
    {
        json.WriteStartObject();
        json.WriteString("file", segment.File);
        json.WriteNumber("first", segment.First.Value);
        json.WriteNumber("last", segment.Last.Value);
        json.WriteNumber("lowestEpoch", segment.LowestEpoch.Value);
        json.WriteNumber("highestEpoch", segment.HighestEpoch.Value);
        json.WriteNumber("blocks", segment.Blocks);
        json.WriteNumber("usedBytes", segment.UsedBytes);
        json.WriteNumber("fileBytes", segment.FileBytes);
        WriteTime(json, "firstAt", segment.FirstAt);
        WriteTime(json, "lastAt", segment.LastAt);
        json.WriteString("state", segment.State.ToString());
        json.WriteNumber("tornBytes", segment.TornBytes);
        WriteArray(json, "damages", segment.Damages, Write);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, LogVerdict verdict)
    {
        json.WriteStartObject();
        WriteArray(json, "segments", verdict.Segments, Write);
        WriteArray(json, "damages", verdict.Damages, Write);
        WriteArray(json, "gaps", verdict.Gaps, Write);
        json.WriteNumber("first", verdict.First.Value);
        json.WriteNumber("soundThrough", verdict.SoundThrough.Value);
        json.WriteString("proof", verdict.Proof.ToString());
        json.WriteNumber("snapshot", verdict.Snapshot.Value);
        json.WriteNumber("replayed", verdict.Replayed);
        json.WriteNumber("sequence", verdict.Sequence.Value);
        json.WriteString("digest", verdict.Digest.ToString());
        json.WriteNumber("keys", verdict.Keys);
        WriteArray(json, "damagedFiles", verdict.DamagedFiles, Write);
        WriteArray(json, "damagedSnapshots", verdict.DamagedSnapshots, Write);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, RepairPlan plan)
    {
        json.WriteStartObject();
        WriteArray(json, "damages", plan.Damages, Write);
        WriteArray(json, "gaps", plan.Gaps, Write);
        json.WriteString("keep", plan.Keep.ToString());
        WriteRange(json, "kept", plan.Kept);
        WriteArray(json, "missing", plan.Missing, Write);
        json.WriteBoolean("mayMissMore", plan.MayMissMore);
        WriteRange(json, "alternative", plan.Alternative);
        json.WriteNumber("snapshot", plan.Snapshot.Value);
        json.WriteBoolean("isComplete", plan.IsComplete);
        WriteArray(json, "steps", plan.Steps, Write);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, CommitGap gap)
    {
        json.WriteStartObject();
        WriteRange(json, "missing", gap.Missing);
        WriteRange(json, "following", gap.Following);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, RepairStep step)
    {
        json.WriteStartObject();
        json.WriteString("file", step.File);
        json.WriteString("quarantine", step.Quarantine);
        WriteArray(json, "rewritten", step.Rewritten, (writer, file) => writer.WriteStringValue(file));
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, SnapshotReport snapshot)
    {
        json.WriteStartObject();
        json.WriteString("file", snapshot.File);
        json.WriteNumber("bytes", snapshot.Bytes);
        json.WritePropertyName("manifest");
        Write(json, snapshot.Manifest);
        json.WriteString("damage", snapshot.Damage);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, SnapshotManifest manifest)
    {
        json.WriteStartObject();
        json.WriteNumber("sequence", manifest.Sequence.Value);
        json.WriteNumber("epoch", manifest.Epoch.Value);
        json.WriteString("capturedAt", manifest.CapturedAt);
        json.WriteString("digest", manifest.Digest.ToString());
        json.WriteNumber("keys", manifest.Keys);
        json.WriteNumber("formatVersion", manifest.FormatVersion);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, DivergedReport diverged)
    {
        json.WriteStartObject();
        json.WriteString("folder", diverged.Folder);
        json.WriteNumber("epoch", diverged.Epoch.Value);
        json.WriteNumber("first", diverged.First.Value);
        json.WriteNumber("last", diverged.Last.Value);
        json.WriteNumber("commits", diverged.Commits);
        WriteTime(json, "lastAt", diverged.LastAt);
        json.WriteNumber("segments", diverged.Segments);
        json.WriteNumber("bytes", diverged.Bytes);
        WriteArray(json, "damages", diverged.Damages, Write);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, VolumeDamagedException damage)
    {
        json.WriteStartObject();
        json.WriteString("file", damage.File);
        json.WriteString("reason", damage.Reason);
        json.WriteString("advice", damage.Advice);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, LogDamage damage)
    {
        json.WriteStartObject();
        json.WriteString("file", damage.File);
        json.WriteNumber("offset", damage.Offset);
        json.WriteString("reason", damage.Reason);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, CommitRange range)
    {
        json.WriteStartObject();
        json.WriteNumber("first", range.First.Value);
        json.WriteNumber("last", range.Last.Value);
        json.WriteNumber("count", range.Count);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, ChangeLine change)
    {
        json.WriteStartObject();
        json.WriteString("change", change.Change);
        json.WriteString("kind", change.Kind);
        json.WriteString("id", change.Id);
        if (change.Bytes is { } bytes)
            json.WriteNumber("bytes", bytes);
        if (change.Encoding is { } encoding)
            json.WriteString("encoding", encoding);
        if (change.Value is { } value)
            json.WriteString("value", value);
        json.WriteEndObject();
    }

    private static void WriteArray<T>(
        Utf8JsonWriter json, string name, IReadOnlyList<T> items, Action<Utf8JsonWriter, T> write)
        where T : class
    {
        json.WriteStartArray(name);
        foreach (var item in items)
            write(json, item);
        json.WriteEndArray();
    }

    private static void WriteRange(Utf8JsonWriter json, string name, CommitRange? range)
    {
        json.WritePropertyName(name);
        if (range is null)
            json.WriteNullValue();
        else
            Write(json, range);
    }

    private static void WriteTime(Utf8JsonWriter json, string name, DateTimeOffset? time)
    {
        if (time is { } known)
            json.WriteString(name, known);
        else
            json.WriteNull(name);
    }
}
