namespace Aether.Operator.LiveStatus;

/// <summary>Whether the operator receives the reports of a backend's worlds.</summary>
/// <param name="Since">When this state began.</param>
/// <param name="Problem">Why it receives none; null while it does.</param>
internal sealed record ChannelState(DateTimeOffset Since, string? Problem)
{
    /// <summary>Whether the operator receives reports.</summary>
    public bool IsOpen => Problem is null;
}
