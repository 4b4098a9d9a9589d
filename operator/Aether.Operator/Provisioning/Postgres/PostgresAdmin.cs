using Aether.Operator.Kinds;
using Aether.Persistence.Contracts;
using Npgsql;

namespace Aether.Operator.Provisioning.Postgres;

/// <summary>Opens connections to a backend's PostgreSQL.</summary>
internal static class PostgresAdmin
{
    private const int ConnectSeconds = 5;
    private const int CommandSeconds = 30;

    /// <summary>Connections of the administrator, for one pass: they end with the source.</summary>
    public static NpgsqlDataSource Open(PostgresAccess access)
    {
        var builder = Builder(access, access.Username, access.Password, access.Certificates.Operator);
        builder.UsePhysicalConnectionInitializer(PostgresSession.Pin, PostgresSession.PinAsync);
        return Build(access, builder);
    }

    /// <summary>Connections of a world's role, as its agents make them, to see whether its password is right.</summary>
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
            // Otherwise Npgsql takes any failure, a wrong password too, for one of GSS encryption and logs in again.
            GssEncryptionMode = GssEncryptionMode.Disable,
            Timeout = ConnectSeconds,
            CommandTimeout = CommandSeconds,
            // What a step of a pass sets on its session it takes back itself.
            NoResetOnClose = true,
            ApplicationName = "aether-operator",
            // It names what stands in the way; the operator reads and writes no state of worlds that it could show.
            IncludeErrorDetail = true,
        };
        var builder = new NpgsqlDataSourceBuilder(settings.ConnectionString);
        // No type of the server's own is read, and the catalogue of types is longer than all else a pass asks for.
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
