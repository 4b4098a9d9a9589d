using System.Text.Json;
using Aether.Persistence.Contracts;
using NATS.Client.Core;
using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;

namespace Aether.Operator.Provisioning.Nats;

/// <summary>Requests of the backend's NATS user on a connection that it does not own.</summary>
internal sealed class NatsAdmin
{
    private const int StreamNotFound = 10059;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly NatsConnection _connection;
    private readonly NatsJSContext _jetStream;
    private readonly NatsAccess _access;
    private readonly StreamChanges _streams;

    public NatsAdmin(NatsConnection connection, NatsAccess access)
    {
        _connection = connection;
        _access = access;
        _jetStream = access.JetStream(connection);
        _streams = new StreamChanges(_jetStream, access.Address);
    }

    /// <summary>Opens a connection of the backend's user.</summary>
    public static async Task<NatsConnection> OpenAsync(NatsAccess access)
    {
        var connection = new NatsConnection(Options(access));
        try
        {
            await connection.ConnectAsync();
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// The options of a connection of the backend's user. A cut connection fails instead of reconnecting.
    /// </summary>
    public static NatsOpts Options(NatsAccess access) => new()
    {
        Url = access.Address,
        Name = OperatorNames.Operator,
        AuthOpts = Authentication(access),
        TlsOpts = Tls(access.Certificates),
        ConnectTimeout = Patience,
        RequestTimeout = Patience,
        MaxReconnectRetry = 0,
    };

    /// <summary>Reads the account's JetStream information, which fails if JetStream is not allowed.</summary>
    public async Task CheckAsync(CancellationToken cancellationToken) =>
        await _jetStream.GetAccountInfoAsync(cancellationToken);

    /// <summary>A stream; null if it does not exist.</summary>
    public async Task<StreamInfo?> ReadStreamAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            return (await _jetStream.GetStreamAsync(name, cancellationToken: cancellationToken)).Info;
        }
        catch (NatsJSApiException exception) when (exception.Error.ErrCode == StreamNotFound)
        {
            return null;
        }
    }

    /// <summary>All streams of the account, by name.</summary>
    public async Task<IReadOnlyDictionary<string, StreamInfo>> ListStreamsAsync(CancellationToken cancellationToken)
    {
        var streams = new Dictionary<string, StreamInfo>(StringComparer.Ordinal);
        await foreach (var stream in _jetStream.ListStreamsAsync(cancellationToken: cancellationToken))
            streams[stream.Info.Config.Name ?? ""] = stream.Info;
        return streams;
    }

    /// <summary>The account's limits, also those by number of replicas, as text.</summary>
    public async Task<string> DescribeLimitsAsync(CancellationToken cancellationToken)
    {
        var account = await _jetStream.GetAccountInfoAsync(cancellationToken);
        var tiers = account.Tiers?.OrderBy(tier => tier.Key, StringComparer.Ordinal)
            .Select(tier => $" {tier.Key} {JsonSerializer.Serialize(tier.Value.Limits)}");
        return JsonSerializer.Serialize(account.Limits) + string.Concat(tiers ?? []);
    }

    /// <summary>Whether the account refuses streams without a limit of bytes.</summary>
    public async Task<bool> DemandsLimitAsync(StreamConfig stream, CancellationToken cancellationToken) =>
        (await _streams.ReadLimitsAsync(stream, cancellationToken)).MaxBytesRequired;

    /// <summary>The largest message that the server accepts, in bytes.</summary>
    public int MaxPayload => _connection.ServerInfo?.MaxPayload ?? int.MaxValue;

    /// <summary>Whether streams may have replicas.</summary>
    public bool IsClustered => _access.MayReplicate(_connection);

    /// <summary>Creates a stream of a world.</summary>
    /// <exception cref="ProvisioningException">NATS refuses the stream.</exception>
    public async Task CreateStreamAsync(WorldStream stream, CancellationToken cancellationToken)
    {
        var config = stream.Create(IsClustered);
        try
        {
            await _jetStream.CreateStreamAsync(config, cancellationToken);
        }
        catch (NatsJSApiException refusal) when (
            stream.FollowsCluster && refusal.Error.ErrCode == StreamRefusals.NotClustered)
        {
            // The server reports a cluster name, but its JetStream is not clustered.
            var single = stream.Create(isClustered: false);
            await _streams.CreateAsync(single, stream.SizeField, cancellationToken);
        }
        catch (NatsJSApiException refusal)
        {
            throw await _streams.TranslateAsync(refusal, config, stream.SizeField, cancellationToken);
        }
    }

    /// <summary>Updates a stream of a world.</summary>
    /// <exception cref="ProvisioningException">NATS refuses the change.</exception>
    public Task UpdateStreamAsync(WorldStream stream, StreamConfig config, CancellationToken cancellationToken) =>
        _streams.UpdateAsync(config, stream.SizeField, cancellationToken);

    public async Task DeleteStreamAsync(string name, CancellationToken cancellationToken) =>
        await _jetStream.DeleteStreamAsync(name, cancellationToken);

    /// <summary>Drops the last reports of a world's agents.</summary>
    public async Task PurgeReportsAsync(string subjects, CancellationToken cancellationToken)
    {
        try
        {
            await _jetStream.PurgeStreamAsync(
                AetherNames.ReportStream, new StreamPurgeRequest { Filter = subjects }, cancellationToken);
        }
        catch (NatsJSApiException exception) when (exception.Error.ErrCode == StreamNotFound)
        {
            // No agent has reported yet: there is nothing to purge.
        }
    }

    // A CA or a client certificate implies TLS, whatever the URL's scheme.
    private static NatsTlsOpts Tls(StoreCertificates certificates) =>
        StoreTls.Callback(certificates.Authorities, certificates.Operator) is { } configure
            ? new NatsTlsOpts { Mode = TlsMode.Require, ConfigureClientAuthentication = configure }
            : NatsTlsOpts.Default;

    private static NatsAuthOpts Authentication(NatsAccess access)
    {
        if (access.CredentialsFile is null)
            return new NatsAuthOpts { Username = access.Username, Password = access.Password };
        if (NatsCredentials.TryParse(access.CredentialsFile, out var credentials))
            return new NatsAuthOpts { Jwt = credentials.Jwt, Seed = credentials.Seed };
        throw new ProvisioningException(StoreReason.InvalidCredentials,
            "The Secret of the backend's spec.nats.credentialsSecretRef holds no NATS creds file in key "
            + $"{Kinds.SecretKeys.NatsCredentials}, or one whose seed is malformed. Put one there, as nsc "
            + "generates it.");
    }
}
