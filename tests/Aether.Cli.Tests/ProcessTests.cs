using System.Diagnostics;

namespace Aether.Cli.Tests;

/// <summary>The command as a process: what a script sees of it.</summary>
public sealed class ProcessTests : IDisposable
{
    private readonly TestVolumes _volumes = new();

    public void Dispose() => _volumes.Dispose();

    [Fact]
    public async Task A_script_gets_results_errors_and_exit_codes_apart()
    {
        await _volumes.WriteLocalAsync();
        TestVolumes.Flip(_volumes.Segments("volume")[0], 1000);

        var damaged = await RunAsync("wal", "cat", _volumes.PathOf("volume"), "--output", "json");
        var nowhere = await RunAsync("wal", "cat", _volumes.PathOf("nowhere"));

        Assert.Equal((1, 2), (damaged.Code, nowhere.Code));
        Assert.Equal(13, damaged.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.StartsWith(
            "aether: 'wal/00000000000000000001.wal' is damaged", damaged.Errors, StringComparison.Ordinal);
        Assert.Empty(nowhere.Output);
    }

    private static async Task<CliResult> RunAsync(params string[] arguments)
    {
        var cancellation = TestContext.Current.CancellationToken;
        var command = Path.Combine(AppContext.BaseDirectory, "aether");
        using var process = Process.Start(new ProcessStartInfo(command, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var errors = process.StandardError.ReadToEndAsync(cancellation);
        var output = await process.StandardOutput.ReadToEndAsync(cancellation);
        await process.WaitForExitAsync(cancellation);
        return new CliResult(process.ExitCode, output, await errors);
    }
}
