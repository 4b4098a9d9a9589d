using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;

namespace Aether.Operator.Provisioning.Nats;

/// <summary>Explains why NATS refuses a stream: its name, the request, the limit and the field to change.</summary>
internal static class StreamRefusals
{
    /// <summary>The stream needs three replicas, and the server is not clustered.</summary>
    public const int NotClustered = 10074;

    /// <summary>The cluster has too few servers, or too few with enough storage.</summary>
    public const int NoPeers = 10005;

    /// <summary>The server, or the account, has no storage left to reserve.</summary>
    public const int NoStorage = 10047;

    private const int AccountFull = 10002;
    private const int ServerFull = 10023;
    private const int TooManyStreams = 10027;
    private const int NoMemory = 10028;
    private const int MaxBytesRequired = 10113;
    private const int MaxBytesTooLarge = 10122;

    /// <summary>The failure for the server's refusal of a stream.</summary>
    /// <param name="refusal">The server's refusal.</param>
    /// <param name="wanted">The stream.</param>
    /// <param name="sizeField">The field that decides how much storage it reserves.</param>
    /// <param name="place">The address of NATS.</param>
    /// <param name="limits">The account's limits; null if they are unknown.</param>
    public static ProvisioningException Translate(
        NatsJSApiException refusal, StreamConfig wanted, string sizeField, string place, AccountLimits? limits) => new(
            StoreReason.Refused,
            $"NATS at {place} refused stream {wanted.Name} (code {refusal.Error.ErrCode}: "
            + $"{refusal.Error.Description}). "
            + Advise(refusal.Error.ErrCode, wanted, sizeField, limits),
            refusal);

    private static string Advise(int code, StreamConfig wanted, string sizeField, AccountLimits? limits) => code switch
    {
        NoStorage or NoMemory or AccountFull or ServerFull when wanted.MaxBytes > 0 =>
            $"The stream reserves {Reservation(wanted)} on {wanted.Storage}, and {Limit(wanted, limits)} has no room "
            + $"for that. Lower {sizeField}, raise the limit, or drop unused streams (docs/operator.md, "
            + "\"Retained stores\").",
        NoStorage or NoMemory or AccountFull or ServerFull =>
            $"The stream reserves nothing, but other streams hold or reserve all of {Limit(wanted, limits)}. Raise "
            + $"the limit, drop unused streams (docs/operator.md, \"Retained stores\"), or lower {sizeField}.",
        MaxBytesRequired =>
            $"The account requires a size (max_bytes) for every stream, and this stream has none: set {sizeField}.",
        MaxBytesTooLarge =>
            $"The account limits the size of a stream to {StreamLimit(wanted, limits)} bytes, and this stream needs "
            + $"{wanted.MaxBytes}: lower {sizeField}.",
        TooManyStreams =>
            $"The account may have {limits?.MaxStreams} streams: raise the limit, or drop unused streams "
            + "(docs/operator.md, \"Retained stores\").",
        NoPeers or NotClustered =>
            $"The stream needs {wanted.NumReplicas} replicas, and fewer servers have room for it: restore the missing "
            + "servers, or set the world's spec.events.replicas.",
        _ => "See the server's log.",
    };

    private static string Reservation(StreamConfig wanted) => wanted.NumReplicas > 1
        ? $"{wanted.MaxBytes} bytes on each of {wanted.NumReplicas} servers"
        : $"{wanted.MaxBytes} bytes";

    private static string Limit(StreamConfig wanted, AccountLimits? limits)
    {
        var isFile = wanted.Storage == StreamConfigStorage.File;
        var limit = isFile ? limits?.MaxStorage : limits?.MaxMemory;
        return limit >= 0
            ? $"the account's limit of {limit} bytes"
            : isFile ? "the server's max_file_store" : "the server's max_memory_store";
    }

    private static long? StreamLimit(StreamConfig wanted, AccountLimits? limits) =>
        wanted.Storage == StreamConfigStorage.File ? limits?.StorageMaxStreamBytes : limits?.MemoryMaxStreamBytes;
}
