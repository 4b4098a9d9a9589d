namespace Aether.Persistence;

/// <summary>The commit is malformed or too large; sending it again cannot succeed.</summary>
public sealed class InvalidCommitException(string field, string message)
    : CommitRejectedException($"{field}: {message}")
{
    /// <summary>The commit has a size outside its limits.</summary>
    public InvalidCommitException(string field, string unit, long smallest, long limit, long actual)
        : this(field, $"{actual} {unit}, must be {smallest} to {limit}")
    {
        Limit = limit;
        Actual = actual;
    }

    /// <summary>The invalid field: "mutations[3].key.id".</summary>
    public string Field { get; } = field;

    /// <summary>The limit that was exceeded, if there is one.</summary>
    public long? Limit { get; }

    /// <summary>The actual size, where there is a limit.</summary>
    public long? Actual { get; }
}
