using Aether.Persistence.Stores.Tests.Servers;
using Aether.TestServers.Certificates;

namespace Aether.Persistence.Stores.Tests.Rotation;

/// <summary>Certificates of the servers change while a world is being written to.</summary>
[Trait("Field", "F05")]
public sealed class ServerCertificateTests(RenewingServers servers) : IClassFixture<RenewingServers>
{
    [Theory]
    [InlineData("postgres")]
    [InlineData("redis")]
    [InlineData("nats")]
    public async Task Server_certificates_renewed_under_load_lose_no_acknowledged_write(string store)
    {
        using var next = new TestAuthority();
        await using var world = WorldStore.Of(store, servers.Settings());
        await world.OpenAsync(TestContext.Current.CancellationToken);
        await using var writer = new NumberWriter(world);

        await RenewAsync(store, writer, servers.Authority.Issue());
        await world.UseAsync(servers.Settings($"{servers.Authority.Pem}\n{next.Pem}"));
        await RenewAsync(store, writer, next.Issue());
        await world.UseAsync(servers.Settings(next.Pem));
        await writer.AdvanceAsync();
        var last = await writer.StopAsync();

        var written = await world.ReadAsync(last);
        Assert.Equal(Enumerable.Range(1, (int)last).Select(number => (ulong)number), written.Distinct().Order());
    }

    // A server presents a new certificate only to new connections.
    private async Task RenewAsync(string store, NumberWriter writer, ServerCertificate certificate)
    {
        await writer.AdvanceAsync();
        await servers.UseCertificateAsync(store, certificate);
        await servers.EndConnectionsAsync(store);
        await writer.AdvanceAsync();
    }
}
