namespace Aether.Operator.Provisioning.Postgres;

/// <summary>A difference and the statements that repair it.</summary>
internal sealed record PostgresDrift(string What, params string[] Statements) : Drift(What)
{
    /// <summary>
    /// Whether the repair changes catalogue rows that worlds share, and so needs the lock of all worlds.
    /// </summary>
    public bool IsShared { get; init; }

    /// <summary>
    /// The statements for a user with more rights if the operator may not run <see cref="Statements"/>; by default the
    /// same. Contains no password or verifier.
    /// </summary>
    public IReadOnlyList<string> Remedy { get; init; } = Statements;
}
