namespace Aether.Operator.Provisioning.Postgres;

/// <summary>A function of a world's schema in the catalogue, and its EXECUTE rights.</summary>
/// <param name="Name">The name.</param>
/// <param name="Types">Types of the arguments.</param>
/// <param name="Body">The source text.</param>
/// <param name="RunsAsOwner">Whether it runs with the rights of its owner.</param>
/// <param name="Settings">Settings in force while it runs.</param>
/// <param name="OwnedByRole">Whether the world's role owns it.</param>
/// <param name="OpenToPublic">Whether everybody may call it.</param>
/// <param name="Granted">Whether the world's role has its own grant.</param>
internal sealed record PostgresFunction(
    string Name,
    string Types,
    string Body,
    bool RunsAsOwner,
    IReadOnlyList<string> Settings,
    bool OwnedByRole,
    bool OpenToPublic,
    bool Granted);
