using Aether.Persistence.Contracts;
using Aether.Persistence.Stores.JetStream;
using Aether.TestServers;
using NATS.Client.Core;
using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;

namespace Aether.Persistence.Stores.Tests.Servers;

/// <summary>Creates the streams of worlds as the operator does.</summary>
internal static class NatsWorlds
{
    public static NatsConnectionOptions Options(NatsServer server, WorldNames names) => new()
    {
        Url = server.Url,
        EventStream = names.EventStream,
        JournalStream = names.JournalStream,
        SubjectPrefix = names.SubjectPrefix,
        Username = server.AdminUsername,
        Password = server.AdminPassword,
    };

    public static NatsConnection Admin(NatsServer server) => new(new NatsOpts
    {
        Url = server.Url,
        ConnectTimeout = TestServer.ClientPatience,
        RequestTimeout = TestServer.ClientPatience,
        AuthOpts = new NatsAuthOpts { Username = server.AdminUsername, Password = server.AdminPassword },
    });

    public static async Task CreateStreamAsync(NatsConnection admin, WorldNames names) =>
        await new NatsJSContext(admin).CreateStreamAsync(new StreamConfig(
            names.EventStream, [$"{names.SubjectPrefix}events.>", $"{names.SubjectPrefix}epoch"])
        {
            DuplicateWindow = TimeSpan.FromMinutes(2),
        });

    public static async Task CreateJournalAsync(NatsConnection admin, WorldNames names) =>
        await new NatsJSContext(admin).CreateStreamAsync(new StreamConfig(
            names.JournalStream, [$"{names.SubjectPrefix}journal"])
        {
            Discard = StreamConfigDiscard.New,
            DuplicateWindow = TimeSpan.FromMinutes(2),
        });
}
