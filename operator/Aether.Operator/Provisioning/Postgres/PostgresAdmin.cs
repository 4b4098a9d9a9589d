using Aether.Operator.Kinds;
using Aether.Persistence.Contracts;
using Npgsql;

namespace Aether.Operator.Provisioning.Postgres;

/// <summary>Opens connections to a backend's PostgreSQL.</summary>
internal static class PostgresAdmin
{
    /// <summary>Most sessions of one backend's administrator.</summary>
    public const int MostSessions = 8;

    /// <summary>How long opening a session may take, in seconds.</summary>
    public const int ConnectSeconds = 5;

    private const int CommandSeconds = 30;

    /// <summary>Sessions of the administrator; disposing the source closes them.</summary>
    public static NpgsqlDataSource Open(PostgresAccess access)
    {
        var builder = Builder(access, access.Username, access.Password, access.Certificates.Operator);
        builder.UsePhysicalConnectionInitializer(PostgresSession.Pin, PostgresSession.PinAsync);
        return Build(access, builder);
    }

    /// <summary>Connections of a world's role as its agents open them, to check its password.</summary>
    public static NpgsqlDataSource Open(PostgresAccess access, string username, string password) =>
        Build(access, Builder(access, username, password, access.Certificates.Agents));

    private static NpgsqlDataSourceBuilder Builder(
        PostgresAccess access, string username, string? password, ClientCertificate? client)
    {
        var settings = new NpgsqlConnectionStringBuilder
        {
            Host = access.Hosts ?? access.Host,
            Port = access.Port,
            Database = access.Database,
            Username = username,
            Password = password,
            SslMode = Mode(access.SslMode),
            // With GSS encryption, Npgsql takes any failure, even a wrong password, for one of the encryption and logs
            // in again.
            GssEncryptionMode = GssEncryptionMode.Disable,
            Timeout = ConnectSeconds,
            CommandTimeout = CommandSeconds,
            // No reset is needed: each step of a reconcile undoes its own changes of the session.
            NoResetOnClose = true,
            MaxPoolSize = MostSessions,
            ApplicationName = "aether-operator",
            // The detail names the object that caused an error. It shows no state of worlds, which the operator never
            // reads.
            IncludeErrorDetail = true,
        };
        var builder = new NpgsqlDataSourceBuilder(settings.ConnectionString);
        // The operator uses no types of its own, and loading the catalogue of types would cost more than the rest of a
        // reconcile.
        builder.ConfigureTypeLoading(types => types.EnableTypeLoading(false));
        if (access.Certificates.Authorities is { } pem && CertificateText.TryRead(pem, out var authorities))
            builder.UseRootCertificates(authorities);
        if (client is not null)
            builder.UseSslClientAuthenticationOptionsCallback(StoreTls.Prepare(authorities: null, client));
        return builder;
    }

    private static NpgsqlDataSource Build(PostgresAccess access, NpgsqlDataSourceBuilder builder) =>
        access.Hosts is null ? builder.Build() : builder.BuildMultiHost().WithTargetSession(Target(access));

    private static TargetSessionAttributes Target(PostgresAccess access) =>
        access.TargetSession == PostgresTargetSession.ReadWrite
            ? TargetSessionAttributes.ReadWrite
            : TargetSessionAttributes.Primary;

    private static SslMode Mode(PostgresSslMode mode) => mode switch
    {
        PostgresSslMode.Disable => SslMode.Disable,
        PostgresSslMode.Prefer => SslMode.Prefer,
        PostgresSslMode.Require => SslMode.Require,
        PostgresSslMode.VerifyCA => SslMode.VerifyCA,
        _ => SslMode.VerifyFull,
    };
}
