using Aether.Persistence.Contracts;
using NATS.Client.Core;
using NATS.Client.JetStream;

namespace Aether.Operator.Provisioning;

/// <summary>
/// Where NATS is, as whom to log in, and what signs worlds' users. Not a record, so that nothing prints it.
/// </summary>
internal sealed class NatsAccess
{
    public required IReadOnlyList<string> Urls { get; init; }

    /// <summary>CAs and client certificates.</summary>
    public StoreCertificates Certificates { get; init; } = StoreCertificates.None;

    /// <summary>JetStream domain of the streams; null: that of the server connected to.</summary>
    public string? Domain { get; init; }

    public required string? Username { get; init; }

    public required string? Password { get; init; }

    /// <summary>Text of a creds file; used instead of user and password.</summary>
    public required string? CredentialsFile { get; init; }

    /// <summary>Seed of the account's signing key; null where the operator cannot issue users.</summary>
    public required string? SigningSeed { get; init; }

    /// <summary>The account; null where the seed is the account's own.</summary>
    public required string? AccountPublicKey { get; init; }

    /// <summary>The users that worlds may get where there is no signing key; null: no list was supplied.</summary>
    public NatsUserList? WorldUsers { get; init; }

    /// <summary>Whether worlds may log in as the operator's own user.</summary>
    public bool SharedCredentials { get; init; }

    /// <summary>Most bytes of a world's journal in JetStream; null: no limit.</summary>
    public long? JournalMaxBytes { get; init; }

    /// <summary>Whether clients insist on TLS.</summary>
    public bool SpeaksTls => Certificates.Authorities is not null
        || Certificates.Operator is not null
        || NatsUrls.AskForTls(Urls);

    /// <summary>The servers as hosts with ports.</summary>
    public IEnumerable<string> Hosts => NatsUrls.HostsOf(Urls);

    /// <summary>A context for the streams of <see cref="Domain"/>.</summary>
    public NatsJSContext JetStream(NatsConnection connection) =>
        new(connection, new NatsJSOpts(connection.Opts, domain: Domain));

    /// <summary>
    /// Whether streams may have replicas: the server belongs to a cluster, or is a leaf node, which says nothing of its
    /// hub.
    /// </summary>
    public bool MayReplicate(NatsConnection connection) =>
        Domain is not null || connection.ServerInfo?.Cluster is { Length: > 0 };

    /// <summary>Where it is, for messages and clients.</summary>
    public string Address => string.Join(',', Urls);
}
