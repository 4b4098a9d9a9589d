using Aether.Agent.Settings;
using Aether.Persistence.Contracts;

namespace Aether.Agent.Tests.Settings;

public sealed class CommandLineTests
{
    [Fact]
    public void Options_are_settings_of_another_spelling()
    {
        var commandLine = CommandLine.Parse(["--local", "/worlds/a", "--socket", "/s", "--health", "127.0.0.1:1"]);

        Assert.Equal("/worlds/a", commandLine.LocalDirectory);
        Assert.Equal("/s", commandLine.Settings[AetherVariables.Socket]);
        Assert.Equal("127.0.0.1:1", commandLine.Settings[AetherVariables.HealthAddress]);
    }

    [Theory]
    [InlineData("--lokal")]
    [InlineData("--local")]
    [InlineData("world")]
    public void What_is_no_option_or_lacks_its_value_is_refused_by_name(string argument)
    {
        var refused = Assert.Throws<InvalidSettingsException>(() => CommandLine.Parse([argument]));

        Assert.Contains(argument, refused.Message, StringComparison.Ordinal);
    }
}
