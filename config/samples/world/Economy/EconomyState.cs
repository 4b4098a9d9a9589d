using System.Globalization;
using System.Text.Json;
using Aether.Client;

namespace Aether.Samples.World.Economy;

/// <summary>The recovered economy: inventories, lanes and totals, with their versions.</summary>
internal sealed class EconomyState
{
    /// <summary>Kind of the inventories; the id is the player's number.</summary>
    public const string PlayerKind = "player_inventory";

    /// <summary>Kind of the lane records; the id is the lane's number.</summary>
    public const string LaneKind = "trader";

    /// <summary>Key of the totals.</summary>
    public static readonly WorldKey TotalsKey = new("economy", "totals");

    /// <summary>The last commit in the state.</summary>
    public ulong Sequence { get; private init; }

    /// <summary>Inventories by player.</summary>
    public SortedDictionary<int, Versioned<Inventory>> Players { get; } = [];

    /// <summary>Lane records by lane.</summary>
    public SortedDictionary<int, Versioned<LaneRecord>> Lanes { get; } = [];

    /// <summary>The totals of the founding; null if the world is not founded yet.</summary>
    public Totals? Totals { get; private set; }

    /// <summary>Trades of all lanes.</summary>
    public long Trades => Lanes.Values.Sum(lane => lane.Value.Serial);

    /// <summary>Whether all inventories add up to the totals of the founding.</summary>
    public bool SumHolds =>
        Totals is null || Totals.Matches(Totals.Of([.. Players.Values.Select(player => player.Value)]));

    /// <summary>Reads the whole state from the agent.</summary>
    public static async Task<EconomyState> RecoverAsync(AetherWorld world, CancellationToken cancellationToken)
    {
        var recovered = await world.RecoverAsync(cancellationToken);
        var economy = new EconomyState { Sequence = recovered.Sequence };
        await foreach (var entry in recovered.Entries.WithCancellation(cancellationToken))
            economy.Add(entry);
        return economy;
    }

    /// <summary>Key of a player's inventory.</summary>
    public static WorldKey PlayerKey(int player) => new(PlayerKind, player.ToString(CultureInfo.InvariantCulture));

    /// <summary>Key of a lane's record.</summary>
    public static WorldKey LaneKey(int lane) => new(LaneKind, lane.ToString(CultureInfo.InvariantCulture));

    private void Add(WorldEntry entry)
    {
        if (entry.Key == TotalsKey)
            Totals = JsonSerializer.Deserialize(entry.Value.Span, EconomyJson.Default.Totals);
        else if (entry.Key.Kind == PlayerKind)
            Players[Number(entry.Key)] = new(Read(entry, EconomyJson.Default.Inventory), entry.Version);
        else if (entry.Key.Kind == LaneKind)
            Lanes[Number(entry.Key)] = new(Read(entry, EconomyJson.Default.LaneRecord), entry.Version);
    }

    private static int Number(WorldKey key) => int.Parse(key.Id, NumberStyles.None, CultureInfo.InvariantCulture);

    private static T Read<T>(WorldEntry entry, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type) =>
        JsonSerializer.Deserialize(entry.Value.Span, type)
        ?? throw new InvalidDataException($"'{entry.Key}' holds null.");
}
