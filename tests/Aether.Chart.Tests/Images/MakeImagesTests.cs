using Aether.Chart.Tests.Tools;
using Aether.TestServers;

namespace Aether.Chart.Tests.Images;

/// <summary>
/// The calls that <c>make images</c> makes to an engine. The engine is a script that records its arguments, because the
/// machines that run these tests have none.
/// </summary>
public sealed class MakeImagesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new("images");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Make_images_without_a_container_engine_names_the_engines_to_install()
    {
        var result = await RunAsync("exit 1");

        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("Images need docker or podman", result.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Make_images_builds_both_images_and_names_them_by_registry_and_tag()
    {
        var result = await RunAsync("echo \"$@\"", ("REGISTRY", "registry.example/team/"), ("TAG", "1.2.3"));

        Assert.Equal(
            [
                "build --file images/operator.Dockerfile --tag registry.example/team/aether-operator:1.2.3 .",
                "build --file images/agent.Dockerfile --tag registry.example/team/aether-agent:1.2.3 .",
            ],
            Commands(result));
    }

    [Fact]
    public async Task Images_have_the_names_of_the_chart_by_default_and_replaceable_bases()
    {
        var result = await RunAsync("echo \"$@\"", ("SDK_IMAGE", "my/sdk"), ("AGENT_BASE", "my/base"));

        Assert.Equal(
            [
                "build --build-arg SDK_IMAGE=my/sdk --file images/operator.Dockerfile --tag aether-operator:0.1.0 .",
                "build --build-arg SDK_IMAGE=my/sdk --build-arg RUNTIME_IMAGE=my/base --file images/agent.Dockerfile "
                + "--tag aether-agent:0.1.0 .",
            ],
            Commands(result));
    }

    [Fact]
    public async Task Images_for_several_platforms_are_pushed()
    {
        var result = await RunAsync(
            "echo \"$@\"", ("REGISTRY", "registry.example"), ("PLATFORMS", "linux/amd64,linux/arm64"));

        Assert.All(Commands(result), command =>
        {
            Assert.StartsWith("buildx build", command, StringComparison.Ordinal);
            Assert.Contains(" --platform linux/amd64,linux/arm64 ", command, StringComparison.Ordinal);
            Assert.Contains(" --push ", command, StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task Several_platforms_without_a_registry_are_refused()
    {
        var result = await RunAsync("exit 0", ("PLATFORMS", "linux/arm64"));

        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("Set REGISTRY", result.Errors, StringComparison.Ordinal);
    }

    private static IEnumerable<string> Commands(ToolResult result)
    {
        Assert.True(result.ExitCode == 0, result.All);
        return result.Output.Split('\n').Where(line => line.StartsWith("build", StringComparison.Ordinal));
    }

    private async Task<ToolResult> RunAsync(string engine, params (string Name, string Value)[] settings)
    {
        var programs = _folder.Subfolder("bin");
        foreach (var name in (string[])["docker", "podman"])
        {
            var program = Path.Combine(programs, name);
            await File.WriteAllTextAsync(
                program, $"#!/bin/sh\n{engine}\n", TestContext.Current.CancellationToken);
            File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        var environment = settings.ToDictionary(setting => setting.Name, setting => setting.Value);
        environment["PATH"] = $"{programs}:{Environment.GetEnvironmentVariable("PATH")}";
        return await new Tool(Clone.PathOf(".ci", "images.sh"), _folder, environment).RunAsync();
    }
}
