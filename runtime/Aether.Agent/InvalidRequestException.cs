namespace Aether.Agent;

/// <summary>A malformed request that the engine does not check: an event's type, a missing key.</summary>
internal sealed class InvalidRequestException(string field, string message, long? limit = null, long? actual = null)
    : Exception($"{field}: {message}")
{
    public string Field { get; } = field;

    public long? Limit { get; } = limit;

    public long? Actual { get; } = actual;
}
