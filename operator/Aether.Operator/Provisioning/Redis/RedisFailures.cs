using System.Security.Authentication;
using Aether.Persistence.Contracts;
using Aether.Persistence.Sentinels;
using StackExchange.Redis;

namespace Aether.Operator.Provisioning.Redis;

/// <summary>
/// Translates exceptions of the Redis client into a reason and a message that names the host and the next step.
/// </summary>
internal static class RedisFailures
{
    private const string Rights =
        "The backend's user needs all keys that start with 'aether:' (~aether:*), the commands +@read +@write "
        + "+@connection +info, and for separate users of worlds +acl|getuser +acl|setuser +acl|deluser +acl|save "
        + "+acl|list";

    private const string Sharing =
        "If users cannot be created there, worlds can share one, with less isolation: set the backend's "
        + "spec.redis.isolation to SharedUser";

    private static readonly string[] AuthenticationCodes = ["WRONGPASS", "NOAUTH"];

    public static bool IsExpected(Exception exception) => exception is RedisException or TimeoutException;

    public static ProvisioningException Translate(Exception exception, RedisAccess access)
    {
        if (exception is SentinelException { Failure: not SentinelFailure.Tls } sentinels)
            return new(ReasonOf(sentinels.Failure), sentinels.Message, exception);

        var place = exception is SentinelException { Sentinel: { } host }
            ? $"The Redis sentinel at {host}"
            : $"Redis at {access.Endpoint}";
        if (TlsFailures.Translate(exception, place, "spec.redis") is { } refused)
            return refused;

        // The client reports a failed TLS handshake as a refused user.
        if (Chain(exception).OfType<AuthenticationException>().FirstOrDefault() is { } handshake)
            return new(StoreReason.Unreachable,
                $"{place} cannot be reached: the TLS handshake failed: {handshake.Message.TrimEnd('.')}. "
                + TlsFailures.Trust("spec.redis", access.Certificates), exception);
        if (IsAuthentication(exception))
            return new(StoreReason.AuthenticationFailed,
                $"{place} refuses user '{access.Username ?? RedisAccess.DefaultUser}'. Put the right username and "
                + $"password into the backend's spec.redis.adminSecretRef. {StoreCircuits.LoginAdvice}", exception);

        return exception is RedisServerException refusal
            ? Translate(refusal, place, access)
            : new(StoreReason.Unreachable,
                $"{place} cannot be reached. Check endpoint and tls of the backend, and the network between.",
                exception);
    }

    private static StoreReason ReasonOf(SentinelFailure failure) => failure switch
    {
        SentinelFailure.UnknownMaster => StoreReason.SentinelMasterUnknown,
        SentinelFailure.NotASentinel => StoreReason.SentinelAddress,
        SentinelFailure.Refused => StoreReason.AuthenticationFailed,
        _ => StoreReason.Unreachable,
    };

    private static ProvisioningException Translate(RedisServerException refusal, string place, RedisAccess access)
    {
        var answer = refusal.Message.TrimEnd('.');
        if (RedisAnswers.CodeOf(answer) == "NOPERM")
            return new(StoreReason.PermissionDenied,
                $"{place} denies user '{access.Username ?? RedisAccess.DefaultUser}' a right that the operator needs: "
                + $"{answer}. {Rights}. {Sharing}.", refusal);
        if (RedisAnswers.IsRefusedCommand(answer))
            return new(StoreReason.PermissionDenied,
                $"{place} refused a command: {answer}. {RedisAnswers.Explain(answer)} {Sharing}.", refusal);
        if (RedisAnswers.IsOfACluster(answer))
            return new(StoreReason.ClusterNotSupported, $"{place}: {RedisAnswers.ClusterRefusal}", refusal);

        // A temporary refusal: neither the request nor the backend is wrong.
        return new(
            RedisAnswers.CodeOf(answer) is "READONLY" or "MASTERDOWN" ? StoreReason.ReadOnlyReplica
            : StoreReason.Refused,
            $"{place} refused a command: {answer}. {RedisAnswers.Explain(answer)}".TrimEnd(),
            refusal);
    }

    private static bool IsAuthentication(Exception exception) =>
        exception is RedisConnectionException { FailureType: ConnectionFailureType.AuthenticationFailure }
        || AuthenticationCodes.Any(code => Chain(exception).Any(
            cause => cause.Message.Contains(code, StringComparison.Ordinal)));

    private static IEnumerable<Exception> Chain(Exception exception)
    {
        for (var current = exception; current is not null; current = current.InnerException)
            yield return current;
    }
}
