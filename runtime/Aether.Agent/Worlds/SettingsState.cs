namespace Aether.Agent.Worlds;

/// <summary>The settings in use.</summary>
/// <param name="CredentialsRevision">Revision of the credentials; empty if the settings do not name one.</param>
/// <param name="Problem">Why changed settings are not in use yet; empty if all are in use.</param>
/// <param name="NeedsRestart">Whether settings have changed that are only read at the start.</param>
internal sealed record SettingsState(string CredentialsRevision, string Problem, bool NeedsRestart);
