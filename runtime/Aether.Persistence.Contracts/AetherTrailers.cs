namespace Aether.Persistence.Contracts;

/// <summary>
/// Names of the gRPC trailers that carry the machine-readable part of a refusal; world.proto lists the trailers of each
/// status. A refusal within a commit stream has the same facts in <c>Rejection.facts</c>.
/// </summary>
public static class AetherTrailers
{
    /// <summary>The version of the key, if another version was expected.</summary>
    public const string CurrentVersion = "aether-current-version";

    /// <summary>The key whose version differs, percent-encoded: <c>kind/id</c>.</summary>
    public const string Key = "aether-key";

    /// <summary>How many milliseconds to wait before trying again.</summary>
    public const string RetryAfterMs = "aether-retry-after-ms";

    /// <summary>Holder that fenced this agent, percent-encoded.</summary>
    public const string FencedBy = "aether-fenced-by";

    /// <summary>The part of the request that is wrong: "mutations[3].value".</summary>
    public const string Field = "aether-field";

    /// <summary>The limit that the field exceeds.</summary>
    public const string Limit = "aether-limit";

    /// <summary>The actual size of the field.</summary>
    public const string Actual = "aether-actual";

    /// <summary>The cause, for a status that has several.</summary>
    public const string Reason = "aether-reason";

    /// <summary>Value of <see cref="Reason"/>: the idempotency key was used for other content.</summary>
    public const string IdempotencyConflict = "idempotency-conflict";

    /// <summary>Value of <see cref="Reason"/>: the commit may have been applied when it was first sent.</summary>
    public const string OutcomeUnknown = "outcome-unknown";

    /// <summary>
    /// Value of <see cref="Reason"/>: another writer acknowledged the commit, and this one has not found it.
    /// </summary>
    public const string WriterChanged = "writer-changed";
}
