namespace Aether.Operator.Provisioning.Postgres;

/// <summary>Something not as it should be, with the statements that repair it.</summary>
internal sealed record PostgresDrift(string What, params string[] Statements) : Drift(What)
{
    /// <summary>
    /// What somebody with more rights can run where the operator may not run <see cref="Statements"/>: by default
    /// the same. Holds no password, and no verifier of one.
    /// </summary>
    public IReadOnlyList<string> Remedy { get; init; } = Statements;
}
