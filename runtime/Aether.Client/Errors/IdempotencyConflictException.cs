namespace Aether.Client;

/// <summary>
/// The idempotency key was used before for other content: a defect in the world. Nothing was applied.
/// </summary>
public sealed class IdempotencyConflictException(string message, Exception? inner) : WorldException(message, inner);
