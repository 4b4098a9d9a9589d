using NATS.Client.JetStream;

namespace Aether.Persistence.Stores.JetStream;

/// <summary>
/// The condition under which the next message is stored: what the stream's last message must be. It is named by its
/// sequence or, if the server has lost count of the stream, by its message id (ADR 0031).
/// </summary>
/// <param name="Sequence">The sequence of the last message.</param>
/// <param name="MessageId">Its message id, if that is used; null: the sequence is used.</param>
internal readonly record struct StreamFence(ulong Sequence, string? MessageId)
{
    /// <summary>The stream ends with another message than expected.</summary>
    private const int WrongLastSequence = 10071;

    /// <summary>The stream ends with a message of another id than expected.</summary>
    private const int WrongLastMessageId = 10070;

    private const int AccountResourcesExceeded = 10002;

    /// <summary>Adds the condition to the options of a message.</summary>
    public NatsJSPubOpts Guard(NatsJSPubOpts options) => MessageId is null
        ? options with { ExpectedLastSequence = Sequence }
        : options with { ExpectedLastMsgId = MessageId };

    /// <summary>The condition for the message after a message that was stored under this condition.</summary>
    public StreamFence Next(ulong position, string messageId) =>
        new(position, MessageId is null ? null : messageId);

    /// <summary>
    /// The condition after a message that the server refused for lack of room. nats-server 2.10 considers the refused
    /// message the last one.
    /// </summary>
    public StreamFence AfterRefusal(string messageId) =>
        MessageId is null ? this : this with { MessageId = messageId };

    /// <summary>Whether the server refused a message because the stream ends with another message.</summary>
    public static bool IsRefusal(int errorCode) => errorCode is WrongLastSequence or WrongLastMessageId;

    /// <summary>Whether the server refused a message because the account is full: it was not stored.</summary>
    public static bool IsFull(Exception exception) =>
        exception is NatsJSApiException { Error.ErrCode: AccountResourcesExceeded };
}
