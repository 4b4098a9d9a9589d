using System.Text;

namespace Aether.Persistence.Sentinels;

/// <summary>The sentinels that know the primary, its name there, and the login for asking them.</summary>
public sealed record SentinelOptions
{
    /// <summary>Name of the primary in the sentinels' configuration (<c>sentinel monitor NAME ...</c>).</summary>
    public required string MasterName { get; init; }

    /// <summary>The sentinels: <c>host:port</c>, separated by commas.</summary>
    public required string Hosts { get; init; }

    /// <summary>User of the sentinels; null: their default user.</summary>
    public string? Username { get; init; }

    /// <summary>Password of that user; null: the sentinels require none. <c>ToString</c> omits it.</summary>
    public string? Password { get; init; }

    /// <summary>Longest time for one sentinel to connect or to answer. Default: 2 s.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>The place of the primary, in words.</summary>
    public string Place => $"primary '{MasterName}' of sentinels {Hosts}";

    private bool PrintMembers(StringBuilder text)
    {
        text.Append($"{Username ?? "default"}@{Hosts} primary {MasterName}");
        return true;
    }
}
