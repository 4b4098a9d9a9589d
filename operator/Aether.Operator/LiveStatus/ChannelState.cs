namespace Aether.Operator.LiveStatus;

/// <summary>Whether the reports of a backend's worlds reach the operator.</summary>
/// <param name="Since">Since when that is so.</param>
/// <param name="Problem">Why they do not; null while they do.</param>
internal sealed record ChannelState(DateTimeOffset Since, string? Problem)
{
    /// <summary>Whether they do.</summary>
    public bool IsOpen => Problem is null;
}
