using System.Text;
using Aether.Persistence.Contracts;

namespace Aether.Persistence.Stores.JetStream;

/// <summary>How to reach the streams of one world.</summary>
public sealed record NatsConnectionOptions
{
    /// <summary>NATS URLs, comma-separated.</summary>
    public required string Url { get; init; }

    /// <summary>JetStream domain of the streams. Default: null, the domain of the connected server.</summary>
    public string? Domain { get; init; }

    /// <summary>Stream of the world's events.</summary>
    public required string EventStream { get; init; }

    /// <summary>Stream of the world's journal. Default: null, the journal is not in JetStream.</summary>
    public string? JournalStream { get; init; }

    /// <summary>Prefix of the world's subjects, with the dot.</summary>
    public required string SubjectPrefix { get; init; }

    /// <summary>Text of a creds file; <c>ToString</c> omits it. Null: user and password are used.</summary>
    public string? Credentials { get; init; }

    /// <summary>Shared user, if the backend issues no credentials.</summary>
    public string? Username { get; init; }

    /// <summary>Password of the shared user; <c>ToString</c> omits it.</summary>
    public string? Password { get; init; }

    /// <summary>PEM text of the CAs to trust instead of the system's. Default: null, the system's.</summary>
    public string? RootCertificate { get; init; }

    /// <summary>The certificate to present. Default: null, none.</summary>
    public ClientCertificate? Client { get; init; }

    /// <summary>Longest time without an answer to a request. Default: 5 s.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Reads the <c>AETHER_NATS_*</c> settings.</summary>
    /// <exception cref="InvalidStoreSettingException">A setting is missing or cannot be used.</exception>
    public static NatsConnectionOptions From(Func<string, string?> read)
    {
        var settings = new StoreSettings(read);
        var prefix = settings.Required(AetherVariables.NatsSubjectPrefix);
        return new NatsConnectionOptions
        {
            Url = settings.Required(AetherVariables.NatsUrl),
            Domain = settings.Optional(AetherVariables.NatsDomain),
            EventStream = settings.Required(AetherVariables.NatsEventStream),
            JournalStream = settings.Optional(AetherVariables.NatsJournalStream),
            SubjectPrefix = prefix.EndsWith('.')
                ? prefix
                : throw new InvalidStoreSettingException(
                    AetherVariables.NatsSubjectPrefix, $"is '{prefix}'; it must end with a dot"),
            Credentials = settings.Optional(AetherVariables.NatsCredentials),
            Username = settings.Optional(AetherVariables.NatsUsername),
            Password = settings.Optional(AetherVariables.NatsPassword),
            RootCertificate = settings.Certificates(AetherVariables.NatsRootCertificate),
            Client = settings.Client(AetherVariables.NatsClientCertificate, AetherVariables.NatsClientKey),
        };
    }

    /// <summary>Whether both name the same streams and subjects.</summary>
    internal bool IsSameWorld(NatsConnectionOptions other) =>
        (EventStream, JournalStream, SubjectPrefix)
        == (other.EventStream, other.JournalStream, other.SubjectPrefix);

    private bool PrintMembers(StringBuilder text)
    {
        text.Append($"{Url} stream {EventStream} subjects {SubjectPrefix}>");
        return true;
    }
}
