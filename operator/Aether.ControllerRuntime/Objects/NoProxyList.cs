using System.Globalization;
using System.Net;

namespace Aether.ControllerRuntime;

/// <summary>
/// The hosts that NO_PROXY excludes from the proxy, by the rules of Go's httpproxy and thus of kubectl: names with
/// their subdomains (<c>example.com</c>), subdomains only (<c>.example.com</c>, <c>*.example.com</c>), addresses,
/// address ranges (<c>10.96.0.0/12</c>), and <c>*</c> for all. Names and addresses may have a port. .NET's own list
/// supports neither ranges nor ports. Localhost is never reached through a proxy.
/// </summary>
internal sealed class NoProxyList
{
    private readonly List<Func<string, int, IPAddress?, bool>> _entries = [];

    /// <param name="text">The variable's value; invalid entries are ignored, as in Go.</param>
    public NoProxyList(string? text)
    {
        foreach (var entry in (text ?? "").Split(',', StringSplitOptions.TrimEntries))
        {
            if (Parse(entry.ToLowerInvariant()) is { } matches)
                _entries.Add(matches);
        }
    }

    /// <summary>Whether a destination is reached without the proxy.</summary>
    public bool Contains(Uri destination)
    {
        // IdnHost omits the brackets of IPv6 addresses.
        var host = destination.IdnHost.ToLowerInvariant();
        var address = IPAddress.TryParse(host, out var parsed) ? Plain(parsed) : null;
        return host == "localhost"
            || (address is not null && IPAddress.IsLoopback(address))
            || _entries.Any(matches => matches(host, destination.Port, address));
    }

    private static Func<string, int, IPAddress?, bool>? Parse(string entry)
    {
        if (entry == "*")
            return (_, _, _) => true;
        if (TryParseRange(entry) is { } range)
            return (_, _, address) => address is not null && range.Contains(address);

        var (name, port) = Split(entry);
        if (name.Length == 0)
            return null;
        if (IPAddress.TryParse(name, out var one))
        {
            var plain = Plain(one);
            return (_, at, address) => plain.Equals(address) && (port is null || port == at);
        }

        if (name.StartsWith("*.", StringComparison.Ordinal))
            name = name[1..];
        var withSelf = name[0] != '.';
        var suffix = withSelf ? "." + name : name;
        return (host, at, _) => (port is null || port == at)
            && (host.EndsWith(suffix, StringComparison.Ordinal) || (withSelf && host == name));
    }

    private static IPNetwork? TryParseRange(string entry)
    {
        var parts = entry.Split('/');
        if (parts.Length != 2 || !IPAddress.TryParse(parts[0], out var address)
            || !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var bits))
            return null;

        // The address may be any in the range, but IPNetwork accepts only the first: clear the host bits.
        var bytes = address.GetAddressBytes();
        if (bits > bytes.Length * 8)
            return null;
        for (var bit = bits; bit < bytes.Length * 8; bit++)
            bytes[bit / 8] &= (byte)~(0x80 >> (bit % 8));
        return new IPNetwork(new IPAddress(bytes), bits);
    }

    // A port follows the last colon. An IPv6 address contains colons itself and needs brackets before a port.
    private static (string Name, int? Port) Split(string entry)
    {
        var colon = entry.LastIndexOf(':');
        var isOneAddress = entry.IndexOf(':', StringComparison.Ordinal) != colon && !entry.StartsWith('[');
        if (colon < 0 || isOneAddress || entry.EndsWith(']'))
            return (entry.Trim('[', ']'), null);

        return int.TryParse(entry[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            ? (entry[..colon].Trim('[', ']'), port)
            : ("", null);
    }

    private static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}
