using System.Net.Sockets;
using Aether.Agent.Hosting;
using Aether.Agent.Settings;
using Aether.TestServers;

namespace Aether.Agent.Tests.Api;

[Trait("Kind", "Unit")]
public sealed class UnixSocketTests : IDisposable
{
    private const string Variable = "AETHER_SOCKET";

    private readonly TemporaryFolder _folder = new("socket");

    [Fact]
    public void A_path_longer_than_the_kernel_takes_is_refused_with_limit_and_length()
    {
        var path = _folder.File(new string('x', 120));

        var refused = Assert.Throws<InvalidSettingsException>(() => UnixSocket.Prepare(Variable, path));

        Assert.Contains($"{path.Length} bytes", refused.Message, StringComparison.Ordinal);
        Assert.Contains("at most 107", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_socket_left_behind_is_removed()
    {
        var path = _folder.File("agent.sock");
        using (Listen(_folder.File("former.sock")))
            File.Move(_folder.File("former.sock"), path);
        Assert.True(File.Exists(path));

        UnixSocket.Prepare(Variable, path);

        Assert.False(File.Exists(path));
    }

    [Fact]
    public void A_socket_that_is_listened_on_is_left_alone()
    {
        var path = _folder.File("agent.sock");
        using var other = Listen(path);

        var refused = Assert.Throws<InvalidSettingsException>(() => UnixSocket.Prepare(Variable, path));

        Assert.Contains("another agent is listening", refused.Message, StringComparison.Ordinal);
        Assert.True(File.Exists(path));
    }

    [Fact]
    public void File_that_is_not_a_socket_is_left_alone()
    {
        var path = _folder.File("agent.sock");
        File.WriteAllText(path, "precious");

        Assert.Throws<InvalidSettingsException>(() => UnixSocket.Prepare(Variable, path));

        Assert.Equal("precious", File.ReadAllText(path));
    }

    [Fact]
    public void Owner_and_group_may_connect_and_nobody_else()
    {
        var path = _folder.File("agent.sock");
        using var socket = Listen(path);

        UnixSocket.Restrict(path);

        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite,
            File.GetUnixFileMode(path));
    }

    public void Dispose() => _folder.Dispose();

    private static Socket Listen(string path)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(path));
        socket.Listen();
        return socket;
    }
}
