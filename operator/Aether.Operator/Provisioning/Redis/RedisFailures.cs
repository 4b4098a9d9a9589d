using System.Security.Authentication;
using StackExchange.Redis;

namespace Aether.Operator.Provisioning.Redis;

/// <summary>Turns what the Redis client throws into a reason and a sentence that names host and next step.</summary>
internal static class RedisFailures
{
    private static readonly string[] AuthenticationCodes = ["WRONGPASS", "NOAUTH"];

    public static bool IsExpected(Exception exception) => exception is RedisException or TimeoutException;

    public static ProvisioningException Translate(Exception exception, RedisAccess access)
    {
        var place = $"Redis at {access.Endpoint}";
        // The client counts a failed handshake among the refused users.
        if (Chain(exception).OfType<AuthenticationException>().FirstOrDefault() is { } handshake)
            return new(StoreReasons.Unreachable,
                $"{place} cannot be reached: the TLS handshake failed: {handshake.Message.TrimEnd('.')}. The CA of its "
                + "certificate must be among those of the images of operator and agent.", exception);
        if (IsAuthentication(exception))
            return new(StoreReasons.AuthenticationFailed,
                $"{place} refuses user '{access.Username ?? "default"}'. Put the right username and password into the "
                + $"backend's spec.redis.adminSecretRef. {StoreCircuits.LoginAdvice}", exception);

        return exception is not RedisServerException refusal
            ? new(StoreReasons.Unreachable,
                $"{place} cannot be reached. Check endpoint and tls of the backend, and the network between.",
                exception)
            : refusal.Message.StartsWith("NOPERM", StringComparison.Ordinal)
            ? new(StoreReasons.PermissionDenied,
                $"{place} does not let user '{access.Username ?? "default"}' do what is needed: {refusal.Message}. It "
                + "needs the command ACL and all keys that start with 'aether:'.", exception)
            : new(StoreReasons.Refused, $"{place} refused a command: {refusal.Message}.", exception);
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
