namespace Aether.Persistence.Stores.Redis;

/// <summary>
/// The scripts that write. Each first compares the writer's epoch (ARGV[1]) with the stored epoch (KEYS[1]) and raises
/// it. Redis runs a script without interruption, so no write of a lower epoch can come between comparison and write.
/// All scripts return 0, or the higher epoch that refused them. Lua's numbers are exact up to 2^53 epochs.
/// </summary>
internal static class RedisScripts
{
    /// <summary>
    /// Announces the epoch. Writes it even if it is stored already: only a primary accepts writes, and what is read
    /// afterwards must not come from a replica.
    /// </summary>
    public const string Open = Fence +
        """
        redis.call('SET', KEYS[1], ARGV[1])
        return 0
        """;

    /// <summary>
    /// KEYS[2]: chunks. ARGV: 2 ordinal, 3 bytes, 4 milliseconds after which an abandoned attempt disappears.
    /// </summary>
    public const string WriteChunk = Fence +
        """
        redis.call('HSET', KEYS[2], ARGV[2], ARGV[3])
        redis.call('PEXPIRE', KEYS[2], ARGV[4])
        return 0
        """;

    /// <summary>
    /// KEYS: 2 chunks, 3 manifests. ARGV: 2 number of chunks, 3 field, 4 manifest. Returns -1 if chunks are missing.
    /// </summary>
    public const string Publish = Fence + Former +
        """
        if redis.call('HLEN', KEYS[2]) ~= tonumber(ARGV[2]) then return -1 end
        redis.call('PERSIST', KEYS[2])
        local replaced = former(KEYS[3], ARGV[3])
        redis.call('HSET', KEYS[3], ARGV[3], ARGV[4])
        if replaced then redis.call('UNLINK', replaced) end
        return 0
        """;

    /// <summary>KEYS[2]: manifests. ARGV[2]: field.</summary>
    public const string Delete = Fence + Former +
        """
        local removed = former(KEYS[2], ARGV[2])
        redis.call('HDEL', KEYS[2], ARGV[2])
        if removed then redis.call('UNLINK', removed) end
        return 0
        """;

    private const string Fence =
        """
        local seen = tonumber(redis.call('GET', KEYS[1]) or '0')
        local own = tonumber(ARGV[1])
        if seen > own then return seen end
        if seen < own then redis.call('SET', KEYS[1], ARGV[1]) end

        """;

    private const string Former =
        """
        local function former(manifests, field)
          local manifest = redis.call('HGET', manifests, field)
          return manifest and cjson.decode(manifest).chunksKey
        end

        """;
}
