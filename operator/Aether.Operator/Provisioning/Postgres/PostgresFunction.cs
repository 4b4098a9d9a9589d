namespace Aether.Operator.Provisioning.Postgres;

/// <summary>A function of a world's schema as the catalogue has it, and who may call it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Types">Types of its arguments.</param>
/// <param name="Body">What it does.</param>
/// <param name="RunsAsOwner">Whether it runs with the rights of its owner.</param>
/// <param name="Settings">Settings in force while it runs.</param>
/// <param name="OwnedByRole">Whether the world's role owns it.</param>
/// <param name="OpenToPublic">Whether everybody may call it.</param>
/// <param name="Granted">Whether the world's role may, by a grant of its own.</param>
internal sealed record PostgresFunction(
    string Name,
    string Types,
    string Body,
    bool RunsAsOwner,
    IReadOnlyList<string> Settings,
    bool OwnedByRole,
    bool OpenToPublic,
    bool Granted);
