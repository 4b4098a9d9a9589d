using Aether.Agent.Tests.Support;
using Aether.TestServers;
using Aether.TestServers.Processes;

namespace Aether.Agent.Tests.Process;

/// <summary>
/// An agent whose volume cannot be opened names the file, the error and the remedy; it does not report a defect.
/// </summary>
[Trait("Field", "F19")]
public sealed class VolumeErrorTests : IDisposable
{
    private static readonly TimeSpan EndTimeout = TimeSpan.FromSeconds(60);

    private readonly TemporaryFolder _folder = new("volume-errors");
    private readonly string _volume;

    public VolumeErrorTests() => _volume = _folder.Subfolder("world");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Read_only_volume_ends_the_agent_with_one()
    {
        await WriteWorldAsync();
        await using var mounts = await MountNamespace.CreateAsync(
            _folder.Path, $"mount --bind '{_volume}' '{_volume}'\nmount -o remount,bind,ro '{_volume}'");

        var said = await RunAsync(ExitCode.BadConfiguration, mounts.In(Agent()));

        Assert.Contains($"Cannot lock '{_volume}/volume.lock'", said, StringComparison.Ordinal);
        Assert.Contains("Read-only file system", said, StringComparison.Ordinal);
        Assert.Contains($"findmnt -T {_volume}", said, StringComparison.Ordinal);
        Assert.DoesNotContain("Another agent", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Empty_volume_without_room_ends_the_agent_with_two()
    {
        await using var mounts = await MountNamespace.CreateAsync(
            _folder.Path,
            $"mount -t tmpfs -o size=64k none '{_volume}'\ncat /dev/zero > '{_volume}/filler' 2> /dev/null || :");

        var said = await RunAsync(ExitCode.WalFailed, mounts.In(Agent()));

        Assert.Contains("No space left on device", said, StringComparison.Ordinal);
        Assert.Contains($"df {_volume}", said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("volume.id")]
    [InlineData("lease.epochs")]
    [InlineData("wal")]
    public async Task File_that_the_agent_may_not_open_ends_it_with_one(string name)
    {
        await WriteWorldAsync();
        var path = Path.Combine(_volume, name);
        File.SetUnixFileMode(path, UnixFileMode.None);

        var said = await RunAsync(ExitCode.BadConfiguration, [.. WithoutPrivilege(), .. Agent()]);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

        Assert.Contains($"'{path}'", said, StringComparison.Ordinal);
        Assert.Contains("denied", said, StringComparison.Ordinal);
        Assert.Contains($"ls -ln {_volume}", said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("volume.id", "Restore it from a backup of the volume")]
    [InlineData("lease.epochs", "move it out of the volume")]
    public async Task Damaged_file_beside_the_log_ends_the_agent_with_four(string name, string advice)
    {
        await WriteWorldAsync();
        var path = Path.Combine(_volume, name);
        var bytes = new byte[] { 0xFF, 0x00, 0x13, (byte)'x' };
        await File.WriteAllBytesAsync(path, bytes, Cancellation);

        var said = await RunAsync(ExitCode.RecoveryFailed, Agent());

        Assert.Contains($"'{name}' on the volume is damaged", said, StringComparison.Ordinal);
        Assert.Contains(advice, said, StringComparison.Ordinal);
        Assert.Contains($"aether wal verify {_volume}", said, StringComparison.Ordinal);
        Assert.Equal(bytes, await File.ReadAllBytesAsync(path, Cancellation));
    }

    private static IReadOnlyList<string> WithoutPrivilege() => Environment.IsPrivilegedProcess
        ? [Binary.Find("setpriv", "util-linux"), "--bounding-set=-dac_override,-dac_read_search"]
        : [];

    private IReadOnlyList<string> Agent() =>
    [
        AgentProcess.Program, "--local", _volume, "--socket", _folder.File("agent.sock"), "--http-socket",
        _folder.File("http.sock"),
    ];

    private async Task WriteWorldAsync()
    {
        await using var agent = await AgentProcess.StartAsync(_volume);
        await using var client = await agent.Endpoints.ConnectAsync();
        await client.CommitAsync(new Client.WorldCommit().Put(new("k", "1"), new byte[] { 1 }), Cancellation);
        await agent.StopAsync();
    }

    // Returns the whole output.
    private async Task<string> RunAsync(ExitCode expected, IReadOnlyList<string> command)
    {
        await using var process = await AgentProcess.LaunchAsync(
            _folder.Subfolder("logs"), command, new Dictionary<string, string>());
        var code = await process.Exited.WaitAsync(EndTimeout, Cancellation);
        await process.OutputEnded.WaitAsync(EndTimeout, Cancellation);
        var said = string.Join('\n', process.NewestLines());

        Assert.True((int)expected == code, $"Exit code {code}, {(int)expected} was expected:\n{said}");
        Assert.DoesNotContain("   at ", said, StringComparison.Ordinal);
        Assert.DoesNotContain("defect", said, StringComparison.Ordinal);
        return said;
    }
}
