using Aether.DevCluster.Api;
using Aether.DevCluster.Clusters;

namespace Aether.EndToEnd.Tests.Support.Auditing;

/// <summary>The requests to an API server, with their users and answers.</summary>
internal sealed class AuditLog(DevelopmentCluster cluster)
{
    /// <summary>User name of the operator.</summary>
    public const string Operator = "system:serviceaccount:aether-system:aether-operator";

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50);

    /// <summary>All requests answered so far.</summary>
    /// <remarks>
    /// Sends a request and waits until the log contains it, which proves that all earlier requests are in the log.
    /// </remarks>
    public async Task<IReadOnlyList<AuditEntry>> ReadAsync(CancellationToken cancellationToken)
    {
        var marker = $"/version?marker={Guid.NewGuid():N}";
        await cluster.Client.GetAsync(marker, cancellationToken);

        using var deadline = new CancellationTokenSource(Waiting.Step, TimeProvider.System);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        while (true)
        {
            var entries = await ReadFileAsync(either.Token);
            if (entries.Any(entry => entry.Uri == marker))
                return entries;
            await Task.Delay(Poll, TimeProvider.System, either.Token);
        }
    }

    private async Task<IReadOnlyList<AuditEntry>> ReadFileAsync(CancellationToken cancellationToken)
    {
        var text = await OpenFiles.ReadAsync(cluster.ApiServer.AuditLog, cancellationToken);
        var whole = text[..(text.LastIndexOf('\n') + 1)];
        return [.. whole.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(AuditEntry.Parse)];
    }
}
