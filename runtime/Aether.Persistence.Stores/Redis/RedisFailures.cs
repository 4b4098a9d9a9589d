using Aether.Persistence.Contracts;
using Aether.Persistence.Sentinels;
using StackExchange.Redis;

namespace Aether.Persistence.Stores.Redis;

/// <summary>
/// Distinguishes a Redis that is unavailable, full or refuses the world from a defect of this program.
/// </summary>
internal static class RedisFailures
{
    public const string Store = "redis";

    private const string Credentials =
        $" The user does not exist there, lacks a right, or has another password than {AetherVariables.RedisPassword}. "
        + "A new password reaches the pod within about two minutes of its change in the world's Secret, and is used "
        + "without a restart. The operator recreates the user at the next resync, unless the world's condition "
        + "RedisReady says what prevents it.";

    private static readonly TlsFailures Tls = new(Store);

    // As servers quote them, in single quotes or backticks; without the closing quote, to match EVALSHA and
    // "script|load".
    private static readonly string[] ScriptCommands = ["'eval", "`eval", "'script", "`script"];

    /// <summary>Whether the same request may succeed later, without a change of this program.</summary>
    public static bool IsOutage(Exception exception) => exception switch
    {
        // "ERR" and "WRONGTYPE" answer a wrong request, unless "ERR" only wraps another code.
        RedisServerException answer => RedisAnswers.IsOfTheState(answer.Message)
            || (!answer.Message.StartsWith("ERR", StringComparison.Ordinal)
                && !answer.Message.StartsWith("WRONGTYPE", StringComparison.Ordinal)),
        RedisException or TimeoutException => true,
        _ => false,
    };

    /// <summary>
    /// Whether the command was refused, and so had no effect, by a server that a new connection to the same address may
    /// avoid: the old primary after a failover.
    /// </summary>
    public static bool IsOfAnotherServer(Exception exception) =>
        exception is RedisServerException answer && RedisAnswers.IsOfAnotherServer(answer.Message);

    /// <summary>Whether there was no connection for the command, so that it had no effect.</summary>
    public static bool WasNotSent(Exception exception) =>
        exception is SentinelException || IsWithoutConnection(exception);

    /// <summary>Whether there is no connection to the server now.</summary>
    public static bool IsWithoutConnection(Exception exception) =>
        exception is RedisConnectionException { FailureType: ConnectionFailureType.UnableToResolvePhysicalConnection };

    /// <summary>Whether the server does not let this user, or any user, run scripts.</summary>
    public static bool IsRefusedScript(Exception? exception) =>
        exception is RedisServerException answer
        && RedisAnswers.IsRefusal(answer.Message)
        && ScriptCommands.Any(command => answer.Message.Contains(command, StringComparison.OrdinalIgnoreCase));

    /// <param name="exception">The exception of a command.</param>
    /// <param name="cause">The reason for a missing connection; null if there is a connection.</param>
    /// <param name="endpoint">The server's address.</param>
    public static StoreUnavailableException Translate(Exception exception, Exception? cause, string endpoint) =>
        new(Store, $"{endpoint}: {Describe(cause ?? exception)}", exception);

    /// <summary>
    /// Whether the server refuses user or password; there may be another password. + "start only. Restart the pod." =>
    /// it is only read " + "at the start. Restart the pod."
    /// </summary>
    public static bool IsRefusedLogin(Exception? exception) =>
        exception is not null and not SentinelException
        && !TlsFailures.IsOfTls(exception)
        && (exception is RedisConnectionException { FailureType: ConnectionFailureType.AuthenticationFailure }
            || Says(exception, "WRONGPASS") || Says(exception, "NOAUTH"));

    public static StoreUnavailableException OtherKeys(string own, string other) => new(
        Store,
        $"{AetherVariables.RedisKeyPrefix} is '{other}' now and was '{own}' when the agent started: it is only read "
        + "at the start. Restart the pod.");

    private static string Describe(Exception exception) =>
        Tls.Describe(exception) is { } text
            ? exception is SentinelException { Sentinel: { } sentinel } ? $"sentinel {sentinel}: {text}" : text
            : exception.Message + NextStep(exception);

    private static string NextStep(Exception exception) => exception switch
    {
        SentinelException => "",
        RedisConnectionException { FailureType: ConnectionFailureType.AuthenticationFailure } => Credentials,
        _ when Says(exception, "WRONGPASS") || Says(exception, "NOPERM") || Says(exception, "NOAUTH") => Credentials,
        RedisServerException denied when RedisAnswers.CodeOf(denied.Message) == "NOPERM" => Credentials,
        RedisServerException answer when RedisAnswers.Explain(answer.Message) is { Length: > 0 } text => $" {text}",
        _ => "",
    };

    private static bool Says(Exception exception, string code) =>
        exception.Message.Contains(code, StringComparison.Ordinal);
}
