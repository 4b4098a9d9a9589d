using Aether.Persistence.Contracts;
using NATS.Client.Core;
using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;

namespace Aether.Operator.Provisioning.Nats;

/// <summary>A connection of the backend's NATS user for one pass.</summary>
internal sealed class NatsAdmin : IAsyncDisposable
{
    private const int StreamNotFound = 10059;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly NatsConnection _connection;
    private readonly NatsJSContext _jetStream;

    private NatsAdmin(NatsConnection connection)
    {
        _connection = connection;
        _jetStream = new NatsJSContext(connection);
    }

    public static async Task<NatsAdmin> ConnectAsync(NatsAccess access)
    {
        var connection = new NatsConnection(Options(access));
        try
        {
            await connection.ConnectAsync();
            return new NatsAdmin(connection);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>How a connection of the backend's user is made, which gives up where it is cut.</summary>
    public static NatsOpts Options(NatsAccess access) => new()
    {
        Url = access.Address,
        Name = OperatorNames.Operator,
        AuthOpts = Authentication(access),
        ConnectTimeout = Patience,
        RequestTimeout = Patience,
        MaxReconnectRetry = 0,
    };

    /// <summary>Asks for the account's JetStream, to see whether it may be used.</summary>
    public async Task CheckAsync(CancellationToken cancellationToken) =>
        await _jetStream.GetAccountInfoAsync(cancellationToken);

    /// <summary>The configuration of a stream; null if there is none.</summary>
    public async Task<StreamConfig?> ReadStreamAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            return (await _jetStream.GetStreamAsync(name, cancellationToken: cancellationToken)).Info.Config;
        }
        catch (NatsJSApiException exception) when (exception.Error.ErrCode == StreamNotFound)
        {
            return null;
        }
    }

    public async Task CreateStreamAsync(StreamConfig config, CancellationToken cancellationToken) =>
        await _jetStream.CreateStreamAsync(config, cancellationToken);

    public async Task UpdateStreamAsync(StreamConfig config, CancellationToken cancellationToken) =>
        await _jetStream.UpdateStreamAsync(config, cancellationToken);

    public async Task DeleteStreamAsync(string name, CancellationToken cancellationToken) =>
        await _jetStream.DeleteStreamAsync(name, cancellationToken);

    /// <summary>Drops what a world's agents reported last.</summary>
    public async Task PurgeReportsAsync(string subjects, CancellationToken cancellationToken)
    {
        try
        {
            await _jetStream.PurgeStreamAsync(
                AetherNames.ReportStream, new StreamPurgeRequest { Filter = subjects }, cancellationToken);
        }
        catch (NatsJSApiException exception) when (exception.Error.ErrCode == StreamNotFound)
        {
            // Nobody reported anything yet.
        }
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private static NatsAuthOpts Authentication(NatsAccess access)
    {
        if (access.CredentialsFile is null)
            return new NatsAuthOpts { Username = access.Username, Password = access.Password };
        if (NatsCredentials.TryParse(access.CredentialsFile, out var credentials))
            return new NatsAuthOpts { Jwt = credentials.Jwt, Seed = credentials.Seed };
        throw new ProvisioningException(StoreReasons.InvalidCredentials,
            "The Secret of the backend's spec.nats.credentialsSecretRef holds no NATS creds file in key "
            + $"{Kinds.SecretKeys.NatsCredentials}: put one there, as nsc generates it.");
    }
}
