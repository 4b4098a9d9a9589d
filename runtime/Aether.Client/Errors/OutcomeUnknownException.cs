namespace Aether.Client;

/// <summary>
/// A commit that was sent again may have been applied the first time: its idempotency key could have been forgotten
/// meanwhile. Nothing was applied now; read what it changes, and commit what is missing under a new key.
/// </summary>
public sealed class OutcomeUnknownException(string message, Exception? inner) : WorldException(message, inner);
