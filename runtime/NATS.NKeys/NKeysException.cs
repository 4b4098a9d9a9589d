namespace NATS.NKeys;

/// <summary>A key's text is malformed, or the key cannot do what was asked of it. Never quotes the key.</summary>
/// <param name="message">What was wrong.</param>
/// <param name="innerException">What it was found by.</param>
public class NKeysException(string message, Exception? innerException = null) : Exception(message, innerException);
