using Aether.Persistence.Contracts;
using NATS.Client.Core;
using NATS.Client.JetStream;

namespace Aether.Operator.Provisioning;

/// <summary>
/// Address and login of NATS, and the key that signs worlds' users. Not a record, so that its secrets are never
/// printed.
/// </summary>
internal sealed class NatsAccess
{
    public required IReadOnlyList<string> Urls { get; init; }

    /// <summary>CAs and client certificates.</summary>
    public StoreCertificates Certificates { get; init; } = StoreCertificates.None;

    /// <summary>JetStream domain of the streams; null for that of the connected server.</summary>
    public string? Domain { get; init; }

    public required string? Username { get; init; }

    public required string? Password { get; init; }

    /// <summary>Text of a creds file; used instead of user and password.</summary>
    public required string? CredentialsFile { get; init; }

    /// <summary>Seed of the account's signing key; null if the operator cannot issue users.</summary>
    public required string? SigningSeed { get; init; }

    /// <summary>The account; null if the seed is the account's own.</summary>
    public required string? AccountPublicKey { get; init; }

    /// <summary>The users for worlds if there is no signing key; null if no list was supplied.</summary>
    public NatsUserList? WorldUsers { get; init; }

    /// <summary>Whether worlds may log in as the operator's own user.</summary>
    public bool SharedCredentials { get; init; }

    /// <summary>Maximum size of a world's journal in JetStream, in bytes; null for no limit.</summary>
    public long? JournalMaxBytes { get; init; }

    /// <summary>Identifies what worlds' users are made of.</summary>
    public string WorldUsersFingerprint =>
        StorePlace.Fingerprint(SigningSeed, AccountPublicKey, SharedCredentials.ToString(), WorldUsers?.Fingerprint);

    /// <summary>Whether clients require TLS.</summary>
    public bool SpeaksTls => Certificates.Authorities is not null
        || Certificates.Operator is not null
        || NatsUrls.AskForTls(Urls);

    /// <summary>The servers as hosts with ports.</summary>
    public IEnumerable<string> Hosts => NatsUrls.HostsOf(Urls);

    /// <summary>A JetStream context in <see cref="Domain"/>.</summary>
    public NatsJSContext JetStream(NatsConnection connection) =>
        new(connection, new NatsJSOpts(connection.Opts, domain: Domain));

    /// <summary>
    /// Whether streams may have replicas: the server belongs to a cluster, or it is a leaf node, which does not report
    /// its hub's cluster.
    /// </summary>
    public bool MayReplicate(NatsConnection connection) =>
        Domain is not null || connection.ServerInfo?.Cluster is { Length: > 0 };

    /// <summary>The address, for messages and clients.</summary>
    public string Address => string.Join(',', Urls);
}
