using Aether.DevCluster.Nodes;

namespace Aether.EndToEnd.Tests.Nodes;

/// <summary>Which texts the node treats as paths in a container.</summary>
public sealed class PathMapTests
{
    private static readonly PathMap Map = new(new Dictionary<string, string>
    {
        ["/run/aether"] = "/tmp/n/v/0",
        ["/run/aether/deep"] = "/tmp/n/v/1",
        ["/tmp/"] = "/tmp/n/v/2",
    });

    [Theory]
    [InlineData("/run/aether", "/tmp/n/v/0")]
    [InlineData("/run/aether/agent.sock", "/tmp/n/v/0/agent.sock")]
    [InlineData("/run/aether/deep/x", "/tmp/n/v/1/x")]
    [InlineData("/tmp/file", "/tmp/n/v/2/file")]
    [InlineData("unix:/run/aether/agent.sock", "unix:/tmp/n/v/0/agent.sock")]
    [InlineData("unix:///run/aether/agent.sock", "unix:///tmp/n/v/0/agent.sock")]
    [InlineData("--socket=/run/aether/agent.sock", "--socket=/tmp/n/v/0/agent.sock")]
    public void A_path_under_a_mount_is_translated_to_the_hosts_path(string text, string expected) =>
        Assert.Equal(expected, Map.Rewrite(text));

    [Theory]
    [InlineData("/run/aetherial")]
    [InlineData("/var/run/aether")]
    [InlineData("echo /run/aether")]
    [InlineData("http://host/run/aether")]
    [InlineData("")]
    public void Any_other_text_stays(string text) => Assert.Equal(text, Map.Rewrite(text));
}
