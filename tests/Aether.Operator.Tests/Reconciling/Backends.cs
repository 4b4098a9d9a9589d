using System.Text;
using Aether.Operator.Kinds;
using Aether.TestServers;
using k8s.Models;

namespace Aether.Operator.Tests.Reconciling;

/// <summary>Backends on the tests' servers, and their Secrets.</summary>
internal static class Backends
{
    public const string PostgresAdmin = "postgres-admin";
    public const string RedisAdmin = "redis-admin";
    public const string NatsAdmin = "nats-admin";

    public static PersistenceBackend On(
        string name, PostgresServer postgres, RedisServer redis, NatsServer nats) => new()
        {
            Metadata = new V1ObjectMeta { Name = name },
            Spec = new PersistenceBackendSpec
            {
                Postgres = new PostgresBackend
                {
                    Host = postgres.Host,
                    Port = postgres.Port,
                    Database = postgres.Database,
                    SslMode = "Disable",
                    AdminSecretRef = new SecretReference { Name = PostgresAdmin },
                },
                Redis = new RedisBackend
                {
                    Endpoint = redis.Endpoint,
                    AdminSecretRef = new SecretReference { Name = RedisAdmin },
                },
                Nats = new NatsBackend
                {
                    Urls = [nats.Url],
                    CredentialsSecretRef = new SecretReference { Name = NatsAdmin },
                    SharedCredentials = true,
                },
            },
        };

    public static V1Secret Secret(string @namespace, string name, params (string Key, string Value)[] data) => new()
    {
        Metadata = new V1ObjectMeta { Name = name, NamespaceProperty = @namespace },
        Data = data.ToDictionary(entry => entry.Key, entry => Encoding.UTF8.GetBytes(entry.Value)),
    };
}
