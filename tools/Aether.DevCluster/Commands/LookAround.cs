using Aether.DevCluster.Clusters;
using Aether.Persistence.Contracts;

namespace Aether.DevCluster.Commands;

/// <summary>Prints commands for inspecting a running cluster.</summary>
internal static class LookAround
{
    public static void Print(DevelopmentCluster cluster, IReadOnlyList<Round> rounds, Screen screen)
    {
        var (postgres, redis, nats) = (cluster.Postgres, cluster.Redis, cluster.Nats);
        var http = rounds[0].SocketPath(AetherNames.HttpSocketFile);
        var natsUser = Path.Combine(cluster.Folder, "nats.creds");
        File.WriteAllText(natsUser, cluster.NatsOperator.AdminCredentials);
        string[] lines =
        [
            "",
            "The cluster stays up until Ctrl-C. In another terminal:",
            "",
            $"  export KUBECONFIG={cluster.ApiServer.AdminKubeconfig}",
            "  kubectl get wp,pb,pods",
            "  kubectl describe wp economy",
            "  kubectl delete pod economy         # stops in order: the world, then its agent",
            $"  kubectl apply -f {Path.Combine(cluster.Folder, "economy.yaml")}",
            "",
            $"  curl --unix-socket {http} http://agent/v1/status",
            "",
            $"  PGPASSWORD={postgres.AdminPassword} \\",
            $"    psql -h {postgres.Host} -p {postgres.Port} -U {postgres.AdminUsername} {postgres.Database} -c '\\dn'",
            $"  redis-cli -p {redis.Port} --user {redis.AdminUsername} --pass {redis.AdminPassword} ACL LIST",
            $"  nats --server {nats.Url} --creds {natsUser} stream ls",
            "",
            $"  logs: {cluster.Operator.LogFile}",
            $"        {cluster.Node.Logs}/",
            "",
        ];
        foreach (var line in lines)
            screen.Write(line);
    }
}
