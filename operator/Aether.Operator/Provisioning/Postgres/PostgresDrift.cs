namespace Aether.Operator.Provisioning.Postgres;

/// <summary>Something not as it should be, with the statements that put it right.</summary>
internal sealed record PostgresDrift(string What, params string[] Statements) : Drift(What);
