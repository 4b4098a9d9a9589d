namespace Aether.Client;

/// <summary>
/// The idempotency key was used before for other content. Nothing was applied; a defect in the world.
/// </summary>
public sealed class IdempotencyConflictException(string message, Exception? inner) : WorldException(message, inner);
