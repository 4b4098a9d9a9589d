using NATS.Client.Core;

namespace NATS.NKeys.Tests;

public sealed class IdentityTests
{
    [Fact]
    public void The_assembly_is_the_one_NATS_Client_Core_refers_to()
    {
        var own = typeof(KeyPair).Assembly.GetName();

        var wanted = Assert.Single(
            typeof(NatsConnection).Assembly.GetReferencedAssemblies(), name => name.Name == own.Name);

        Assert.Equal(wanted.GetPublicKeyToken(), own.GetPublicKeyToken());
        Assert.NotEmpty(own.GetPublicKeyToken()!);
        Assert.True(own.Version >= wanted.Version);
    }
}
