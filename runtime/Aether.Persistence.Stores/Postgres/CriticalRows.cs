using Aether.Persistence.State;
using Npgsql;

namespace Aether.Persistence.Stores.Postgres;

/// <summary>Rows of <c>critical_state</c> to insert or update, and to delete. Each key occurs once.</summary>
internal sealed class CriticalRows
{
    private readonly List<string> _kinds = [];
    private readonly List<string> _ids = [];
    private readonly List<long> _versions = [];
    private readonly List<byte[]> _values = [];
    private readonly List<string> _removedKinds = [];
    private readonly List<string> _removedIds = [];

    public bool IsEmpty => _kinds.Count == 0 && _removedKinds.Count == 0;

    /// <summary>Number of rows to insert or update.</summary>
    public int Count => _kinds.Count;

    /// <summary>Bytes of their values.</summary>
    public long Bytes { get; private set; }

    public void Put(StateKey key, StateValue value)
    {
        _kinds.Add(ToText(key.Kind));
        _ids.Add(ToText(key.Id));
        _versions.Add(value.Version.ToBigint());
        _values.Add(value.Value.ToBytea());
        Bytes += value.Value.Length;
    }

    public void Remove(StateKey key)
    {
        _removedKinds.Add(ToText(key.Kind));
        _removedIds.Add(ToText(key.Id));
    }

    /// <summary>Adds the rows to insert or update, as four arrays: kinds, ids, versions, values.</summary>
    public void BindPut(NpgsqlParameterCollection parameters)
    {
        parameters.AddValue(_kinds.ToArray());
        parameters.AddValue(_ids.ToArray());
        parameters.AddValue(_versions.ToArray());
        parameters.AddValue(_values.ToArray());
    }

    /// <summary>Adds the rows to delete, as two arrays: kinds, ids.</summary>
    public void BindRemoved(NpgsqlParameterCollection parameters)
    {
        parameters.AddValue(_removedKinds.ToArray());
        parameters.AddValue(_removedIds.ToArray());
    }

    public void Clear()
    {
        _kinds.Clear();
        _ids.Clear();
        _versions.Clear();
        _values.Clear();
        _removedKinds.Clear();
        _removedIds.Clear();
        Bytes = 0;
    }

    /// <summary>
    /// Encodes a kind or id for the table. PostgreSQL does not allow NUL in a text, and no key may keep its block out
    /// of the journal. So NUL becomes <c>\0</c> and, to keep the two apart, a backslash becomes <c>\\</c>.
    /// </summary>
    public static string ToText(string part) => part.AsSpan().IndexOfAny('\\', '\0') < 0
        ? part
        : part.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("\0", @"\0", StringComparison.Ordinal);
}
