using Aether.TestServers;
using Aether.TestServers.Processes;

namespace Aether.Persistence.Stores.Tests.Servers;

public sealed class TestServersTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<string> Kinds => ["postgres", "redis", "nats"];

    [Theory, MemberData(nameof(Kinds))]
    public async Task A_server_restarts_on_the_same_port_after_a_stop_and_after_a_kill(string kind)
    {
        await using var server = Make(kind);
        await server.StartAsync(Cancellation);
        var port = server.Port;

        await server.StopAsync();
        await server.StartAsync(Cancellation);
        await server.KillAsync();
        await server.StartAsync(Cancellation);

        Assert.True(server.IsRunning);
        Assert.Equal(port, server.Port);
    }

    [Fact]
    public async Task A_process_that_ends_early_is_reported_with_its_last_output()
    {
        using var folder = new TemporaryFolder("early");
        await using var process = await ProcessHost.StartAsync(Shell(folder, "echo no such luck >&2; exit 3"));

        var exception = await Assert.ThrowsAsync<ProcessExitedException>(
            () => process.WaitForLineAsync(_ => false, TimeSpan.FromSeconds(10), Cancellation));

        Assert.Contains("exit code 3", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_program_names_the_package_to_install()
    {
        var exception = Assert.Throws<MissingBinaryException>(() => Binary.Find("no-such-program", "some-package"));

        Assert.Contains("apt-get install some-package", exception.Message, StringComparison.Ordinal);
    }

    private static TestServer Make(string kind) => kind switch
    {
        "postgres" => new PostgresServer(),
        "redis" => new RedisServer(),
        _ => new NatsServer(),
    };

    private static ProcessSpec Shell(TemporaryFolder folder, string script) => new()
    {
        Name = "shell",
        FileName = Binary.Find("sh", "dash"),
        Arguments = ["-c", script],
        WorkingDirectory = folder.Path,
        LogDirectory = folder.Path,
    };
}
