namespace Aether.Client;

/// <summary>
/// A commit that was sent again may have been applied the first time: its idempotency key may have been forgotten
/// meanwhile. Nothing was applied now. Read the keys that it changes, and commit the missing changes under a new key.
/// </summary>
public sealed class OutcomeUnknownException(string message, Exception? inner) : WorldException(message, inner);
