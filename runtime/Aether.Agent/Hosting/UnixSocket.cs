using System.Net.Sockets;
using System.Text;
using Aether.Agent.Settings;

namespace Aether.Agent.Hosting;

/// <summary>Prepares the path of a Unix socket and sets its permissions.</summary>
internal static class UnixSocket
{
    // sizeof(sockaddr_un.sun_path) minus the terminating zero.
    private const int MaxPathBytes = 107;

    private const UnixFileMode OwnerAndGroup =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite;

    /// <summary>Checks the path, and removes a socket that a former agent left.</summary>
    /// <exception cref="InvalidSettingsException">No socket can be created there; the message says why.</exception>
    public static void Prepare(string variable, string path)
    {
        if (Encoding.UTF8.GetByteCount(path) is var bytes && bytes > MaxPathBytes)
        {
            throw new InvalidSettingsException([
                $"{variable} is '{path}', {bytes} bytes; a Unix socket's path has at most {MaxPathBytes}."]);
        }

        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        if (!File.Exists(path))
            return;
        if (!IsSocket(path))
            throw new InvalidSettingsException([$"{variable} is '{path}', which exists and is not a socket."]);
        if (IsServed(path))
        {
            throw new InvalidSettingsException([
                $"{variable} is '{path}', where another agent is listening. Stop it, or choose another path."]);
        }

        File.Delete(path);
    }

    /// <summary>Lets only the socket's owner and group connect.</summary>
    public static void Restrict(string path) => File.SetUnixFileMode(path, OwnerAndGroup);

    private static bool IsServed(string path)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(path));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    // .NET does not tell the type of a file; only a regular file can be opened for reading like this.
    private static bool IsSocket(string path)
    {
        try
        {
            using var file = File.OpenHandle(path);
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }
}
