using System.Globalization;

namespace Aether.TestServers.Processes;

/// <summary>A user of this machine.</summary>
public sealed record UnixUser(string Name, int Uid, int Gid)
{
    /// <summary>The first of <paramref name="names"/> in /etc/passwd.</summary>
    public static UnixUser FirstOf(params IReadOnlyList<string> names)
    {
        var users = File.ReadLines("/etc/passwd").Select(line => line.Split(':')).Where(fields => fields.Length > 3)
            .ToLookup(fields => fields[0]);
        var found = names.SelectMany(name => users[name]).FirstOrDefault()
            ?? throw new InvalidOperationException($"No user named {string.Join(" or ", names)} in /etc/passwd.");
        return new UnixUser(
            found[0],
            int.Parse(found[2], CultureInfo.InvariantCulture),
            int.Parse(found[3], CultureInfo.InvariantCulture));
    }
}
