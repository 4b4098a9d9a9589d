using System.Diagnostics;
using System.Globalization;

namespace Aether.Cli.Tests;

/// <summary>The command as a process, as a script uses it.</summary>
public sealed class ProcessTests : IDisposable
{
    private readonly TestVolumes _volumes = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

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

    [Fact]
    public async Task Shell_gets_the_commands_that_fit_what_is_typed()
    {
        var commands = await RunAsync("[suggest:9]", "snapshot ");

        Assert.Equal(0, commands.Code);
        Assert.Contains("verify", commands.Output.Split('\n'));
        Assert.Contains("ls", commands.Output.Split('\n'));
    }

    // The output is larger than a pipe, and the test does not read it before the end: so the command cannot end by
    // itself.
    [Fact]
    public async Task An_interrupted_command_ends_without_an_error_and_with_the_exit_code_of_shells()
    {
        await _volumes.WriteLongAsync("volume", commits: 10_000);
        using var process = Start("wal", "cat", _volumes.PathOf("volume"));
        await process.StandardOutput.ReadLineAsync(Cancellation);

        using (var kill = Process.Start("kill", ["-INT", process.Id.ToString(CultureInfo.InvariantCulture)]))
            await kill.WaitForExitAsync(Cancellation);
        await process.WaitForExitAsync(Cancellation);
        var interrupted = await EndAsync(process);

        Assert.Equal("", interrupted.Errors);
        Assert.Equal(130, interrupted.Code);
    }

    private static async Task<CliResult> RunAsync(params string[] arguments)
    {
        using var process = Start(arguments);
        return await EndAsync(process);
    }

    // A shell that is not interactive starts background jobs with SIGINT ignored, and their children inherit that. A
    // test in such a job would start a command that cannot be interrupted.
    private static Process Start(params string[] arguments) => Process.Start(
        new ProcessStartInfo(
            "env", ["--default-signal=INT", Path.Combine(AppContext.BaseDirectory, "aether"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;

    private static async Task<CliResult> EndAsync(Process process)
    {
        var errors = process.StandardError.ReadToEndAsync(Cancellation);
        var output = await process.StandardOutput.ReadToEndAsync(Cancellation);
        await process.WaitForExitAsync(Cancellation);
        return new CliResult(process.ExitCode, output, await errors);
    }
}
