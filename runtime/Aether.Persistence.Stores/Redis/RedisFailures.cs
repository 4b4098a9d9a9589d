using Aether.Persistence.Contracts;
using StackExchange.Redis;

namespace Aether.Persistence.Stores.Redis;

/// <summary>Tells a Redis that is away, full or closed to the world from a defect of this program.</summary>
internal static class RedisFailures
{
    public const string Store = "redis";

    private const string Credentials =
        $" The user does not exist there, lacks a right, or has another password than {AetherVariables.RedisPassword}. "
        + "A new password reaches the pod within about two minutes of its change in the world's Secret, and is used "
        + "without a restart. The operator makes the user again at the next resync, unless the world's condition "
        + "RedisReady says what stands in the way.";

    // "ERR" and "WRONGTYPE" answer a wrong request; other prefixes (NOPERM, WRONGPASS, LOADING, OOM, READONLY, MISCONF)
    // tell of the server's state.
    public static bool IsOutage(Exception exception) => exception switch
    {
        RedisServerException answer => !answer.Message.StartsWith("ERR", StringComparison.Ordinal)
            && !answer.Message.StartsWith("WRONGTYPE", StringComparison.Ordinal),
        RedisException or TimeoutException => true,
        _ => false,
    };

    /// <param name="exception">What a command failed with.</param>
    /// <param name="latest">Why the latest attempt to connect failed: the cause, where there is no connection.</param>
    public static StoreUnavailableException Translate(Exception exception, Exception? latest) =>
        new(Store, Describe(IsWithoutConnection(exception) ? latest ?? exception : exception), exception);

    /// <summary>Whether the server refuses user or password, of which there may be another.</summary>
    public static bool IsRefusedLogin(Exception? exception) =>
        exception is not null
        && TlsFailures.Find(exception) is null
        && (exception is RedisConnectionException { FailureType: ConnectionFailureType.AuthenticationFailure }
            || Says(exception, "WRONGPASS") || Says(exception, "NOAUTH"));

    public static StoreUnavailableException OtherKeys(string own, string other) => new(
        Store,
        $"{AetherVariables.RedisKeyPrefix} is '{other}' now and was '{own}' when the agent started: it is read at the "
        + "start only. Restart the pod.");

    private static bool IsWithoutConnection(Exception exception) =>
        exception is RedisConnectionException { FailureType: ConnectionFailureType.UnableToResolvePhysicalConnection };

    private static string Describe(Exception exception) => TlsFailures.Find(exception) is { } failure
        ? TlsFailures.Describe(failure)
        : exception.Message + NextStep(exception);

    private static string NextStep(Exception exception) => exception switch
    {
        RedisConnectionException { FailureType: ConnectionFailureType.AuthenticationFailure } => Credentials,
        _ when Says(exception, "WRONGPASS") || Says(exception, "NOPERM") || Says(exception, "NOAUTH") => Credentials,
        _ => "",
    };

    private static bool Says(Exception exception, string code) =>
        exception.Message.Contains(code, StringComparison.Ordinal);
}
