using Aether.Agent.Hosting;
using Aether.Agent.Settings;
using Aether.Persistence.Contracts;

namespace Aether.Agent.Tests.Settings;

[Trait("Kind", "Unit")]
public sealed class CommandLineTests
{
    [Fact]
    public async Task Options_set_the_corresponding_settings()
    {
        var run = await RunAsync(
            "--local", "/worlds/a", "--socket", "/s", "--health=127.0.0.1:1", "--http-socket", "@h");

        Assert.Equal("/worlds/a", run.Given!.LocalDirectory);
        Assert.Equal("/s", run.Given.Settings[AetherVariables.Socket]);
        Assert.Equal("@h", run.Given.Settings[AetherVariables.HttpSocket]);
        Assert.Equal("127.0.0.1:1", run.Given.Settings[AetherVariables.HealthAddress]);
    }

    [Fact]
    public async Task Agent_without_options_runs_and_its_exit_code_is_the_programs()
    {
        var run = await RunAsync();

        Assert.Null(run.Given!.LocalDirectory);
        Assert.Empty(run.Given.Settings);
        Assert.Equal((int)ExitCode.Fenced, run.Code);
        Assert.Equal(("", ""), (run.Output, run.Errors));
    }

    [Fact]
    public async Task Relative_folder_of_a_local_world_is_one_of_the_current_folder()
    {
        var run = await RunAsync("--local", "worlds");

        Assert.Equal(Path.Combine(Environment.CurrentDirectory, "worlds"), run.Given!.LocalDirectory);
    }

    [Theory]
    [InlineData("--lokal")]
    [InlineData("--local")]
    [InlineData("world")]
    [InlineData("--socket", "")]
    [InlineData("--local", "/worlds/a", "@more")]
    public async Task Unknown_option_or_missing_value_is_bad_configuration_and_named(params string[] arguments)
    {
        var run = await RunAsync(arguments);

        Assert.Null(run.Given);
        Assert.Equal((int)ExitCode.BadConfiguration, run.Code);
        Assert.StartsWith("aether-agent: ", run.Errors, StringComparison.Ordinal);
        Assert.Contains(arguments.Last(argument => argument.Length > 0), run.Errors, StringComparison.Ordinal);
        Assert.Contains("aether-agent --help", run.Errors, StringComparison.Ordinal);
        Assert.Empty(run.Output);
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("-h")]
    public async Task Help_names_every_option_its_setting_and_the_exit_codes(string option)
    {
        var run = await RunAsync(option);

        Assert.Null(run.Given);
        Assert.Equal((int)ExitCode.Stopped, run.Code);
        string[] expected =
        [
            "--local <DIR>", "--socket <PATH>", AetherVariables.Socket, "--http-socket <PATH>",
            AetherVariables.HttpSocket, "--health <IP:PORT>", AetherVariables.HealthAddress, "--version",
            AetherVariables.ConfigDirectory, .. Enum.GetValues<ExitCode>().Select(code => $"{(int)code} "),
        ];
        Assert.All(expected, text => Assert.Contains(text, run.Output, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Version_is_one_line_with_the_programs_name()
    {
        var run = await RunAsync("--version");

        Assert.Equal((int)ExitCode.Stopped, run.Code);
        Assert.Equal($"aether-agent {AgentVersion.Text}", run.Output.TrimEnd());
    }

    [Fact]
    public async Task Shell_gets_the_options_that_begin_as_typed()
    {
        var run = await RunAsync("[suggest:3]", "--h");

        Assert.Equal(
            ["--health", "--help", "--http-socket"],
            run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order());
    }

    private static async Task<Run> RunAsync(params string[] arguments)
    {
        CommandLine? given = null;
        using var output = new StringWriter();
        using var errors = new StringWriter();
        var code = await AgentCommand.RunAsync(arguments, output, errors, commandLine =>
        {
            given = commandLine;
            return Task.FromResult(ExitCode.Fenced);
        });
        return new Run(code, given, output.ToString(), errors.ToString());
    }

    private sealed record Run(int Code, CommandLine? Given, string Output, string Errors);
}
