using Aether.Persistence;
using Aether.Persistence.Inspection;

namespace Aether.Cli.Output;

/// <summary>One line of <c>wal cat</c>.</summary>
internal sealed record CommitLine(
    Sequence Sequence,
    DateTimeOffset CommittedAt,
    Epoch Epoch,
    string? IdempotencyKey,
    IReadOnlyList<ChangeLine> Changes)
{
    public static CommitLine Of(LoggedCommit commit, ValueEncoding values) => new(
        commit.Sequence,
        commit.CommittedAt,
        commit.Epoch,
        commit.IdempotencyKey,
        [.. commit.Changes.Select(change => ChangeLine.Of(change, values))]);

    public override string ToString() =>
        $"{Sequence} {Words.Time(CommittedAt)} epoch {Epoch}"
        + (IdempotencyKey is null ? "" : $" key {Words.Quote(IdempotencyKey)}")
        + $": {string.Join(", ", Changes)}";
}
