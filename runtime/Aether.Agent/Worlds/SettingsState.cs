namespace Aether.Agent.Worlds;

/// <summary>Which settings an agent uses.</summary>
/// <param name="CredentialsRevision">Which credentials; empty if the settings do not say.</param>
/// <param name="Problem">Why changed settings are not in use yet; empty if all are.</param>
/// <param name="NeedsRestart">Whether settings have changed that are read at the start only.</param>
internal sealed record SettingsState(string CredentialsRevision, string Problem, bool NeedsRestart);
