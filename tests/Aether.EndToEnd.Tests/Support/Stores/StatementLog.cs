using System.Text.RegularExpressions;

namespace Aether.EndToEnd.Tests.Support.Stores;

/// <summary>The statements sent to a PostgreSQL with log_statement=all, in order, with their parameters.</summary>
internal sealed partial class StatementLog(TestBed bed)
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50);

    /// <summary>All statements so far.</summary>
    /// <remarks>
    /// Runs a statement and waits until the log contains it, which proves that all earlier statements are in the log.
    /// </remarks>
    public async Task<IReadOnlyList<string>> ReadAsync(CancellationToken cancellationToken)
    {
        var marker = $"SELECT 'marker {Guid.NewGuid():N}'";
        await bed.Stores.ExecuteAsync(marker, cancellationToken);

        using var deadline = new CancellationTokenSource(Waiting.Step, TimeProvider.System);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        while (true)
        {
            var log = await OpenFiles.ReadAsync(bed.Cluster.Postgres.LogFile, either.Token);
            if (log.Contains(marker, StringComparison.Ordinal))
                return [.. Statement().Matches(log).Select(match => match.Groups["text"].Value.TrimStart())];
            await Task.Delay(Poll, TimeProvider.System, either.Token);
        }
    }

    // A statement continues on lines that start with a tab; its parameters follow as a separate entry.
    [GeneratedRegex(
        @"LOG:  (?:statement|execute [^:]*): (?<text>.*\n(?:\t.*\n)*(?:[^\t].*DETAIL:  parameters: .*\n)?)")]
    private static partial Regex Statement();
}
