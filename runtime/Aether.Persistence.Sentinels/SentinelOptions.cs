using System.Text;

namespace Aether.Persistence.Sentinels;

/// <summary>Which sentinels know the primary, by what name, and who may ask them.</summary>
public sealed record SentinelOptions
{
    /// <summary>Name of the primary in the sentinels' configuration (<c>sentinel monitor NAME ...</c>).</summary>
    public required string MasterName { get; init; }

    /// <summary>The sentinels: <c>host:port</c>, with commas between.</summary>
    public required string Hosts { get; init; }

    /// <summary>User of the sentinels; null: their default user.</summary>
    public string? Username { get; init; }

    /// <summary>Password of that user; null: they ask for none. In no text this record is printed as.</summary>
    public string? Password { get; init; }

    /// <summary>Longest that one sentinel may take to connect or to answer. Default: 2 s.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Where the primary is looked for, in words.</summary>
    public string Place => $"primary '{MasterName}' of sentinels {Hosts}";

    private bool PrintMembers(StringBuilder text)
    {
        text.Append($"{Username ?? "default"}@{Hosts} primary {MasterName}");
        return true;
    }
}
