using Aether.TestServers.Processes;

namespace Aether.Agent.Tests.Support;

/// <summary>
/// Mounts for one test, in a user namespace: any user may create them, and only programs that run <see cref="In"/> it
/// see them.
/// </summary>
internal sealed class MountNamespace : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly ProcessHost _holder;

    private MountNamespace(ProcessHost holder) => _holder = holder;

    /// <summary>Creates a namespace and runs <paramref name="script"/> in it by a shell.</summary>
    public static async Task<MountNamespace> CreateAsync(string folder, string script)
    {
        var holder = await AgentProcess.LaunchAsync(
            folder,
            [
                Binary.Find("unshare", "util-linux"), "--map-root-user", "--mount",
                Binary.Find("sh", "dash"), "-ec", $"{script}\necho mounted\nexec sleep infinity",
            ],
            new Dictionary<string, string>());
        await holder.WaitForLineAsync(line => line == "mounted", Patience, TestContext.Current.CancellationToken);
        return new MountNamespace(holder);
    }

    /// <summary>The command line that runs <paramref name="command"/> in the namespace.</summary>
    public IReadOnlyList<string> In(params IEnumerable<string> command) =>
    [
        Binary.Find("nsenter", "util-linux"), "--target", $"{_holder.Id}", "--user", "--mount",
        "--preserve-credentials", .. command,
    ];

    public async ValueTask DisposeAsync()
    {
        await _holder.KillAsync();
        await _holder.DisposeAsync();
    }
}
