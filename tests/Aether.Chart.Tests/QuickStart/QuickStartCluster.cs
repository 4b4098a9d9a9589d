using Aether.Chart.Tests.Releases;
using Aether.DevCluster.Clusters;
using Aether.DevCluster.Nodes;
using Aether.TestServers;

namespace Aether.Chart.Tests.QuickStart;

/// <summary>
/// A cluster with the images of the quick start. The images of the stores are this machine's servers, which get what
/// the real images would get: the same arguments and variables, and the pod's own address.
/// </summary>
public sealed class QuickStartCluster : HelmCluster
{
    /// <summary>Registry in which the quick start's reader has put the images of operator and agent.</summary>
    internal const string Registry = "registry.example/team";

    // PostgreSQL refuses to run as root, and on SIGTERM waits for its clients to disconnect.
    private const string Postgres =
        """
        set -eu
        as_postgres() { if [ "$(id -u)" = 0 ]; then setpriv --reuid=postgres --regid=postgres --clear-groups "$@"
                        else "$@"; fi; }
        [ "$(id -u)" != 0 ] || chown postgres "$DATA"
        bin=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
        (umask 077; printf %s "$POSTGRES_PASSWORD" | as_postgres tee "$DATA/password" >/dev/null)
        as_postgres "$bin/initdb" --no-sync --locale=C --encoding=UTF8 --auth=scram-sha-256 --username=postgres \
            --pwfile="$DATA/password" --pgdata="$DATA/pg"
        as_postgres "$bin/postgres" -D "$DATA/pg" -c listen_addresses="${LISTEN%:*}" -c port="${LISTEN##*:}" \
            -c unix_socket_directories= -c dynamic_shared_memory_type=mmap &
        trap 'kill -INT $!' TERM
        wait $! || wait $!
        """;

    private readonly TemporaryFolder _postgres = new("quickstart-postgres");
    private readonly TemporaryFolder _redis = new("quickstart-redis");

    /// <inheritdoc />
    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _postgres.Dispose();
        _redis.Dispose();
    }

    private protected override IReadOnlyDictionary<string, Image> Images() => new Dictionary<string, Image>
    {
        [$"{Registry}/aether-operator:0.1.0"] = OperatorImage(),
        [$"{Registry}/aether-agent:0.1.0"] = ProgramImages.Agent(),
        ["postgres:17"] = Store(5432, Postgres, _postgres.Path),
        ["redis:7"] = Store(6379, "exec \"$@\" --bind ${LISTEN%:*} --dir $DATA --save ''", _redis.Path),
        ["nats:2"] = Store(4222, "exec nats-server --addr ${LISTEN%:*} \"$@\"", "/"),
        ["curlimages/curl:8.11.1"] = new(["/usr/bin/curl"]),
    };

    private static Image Store(int port, string script, string data) => new(
        ["/bin/sh", "-c", script, "image"],
        new Dictionary<string, string> { ["LISTEN"] = $"0.0.0.0:{port}", ["DATA"] = data });
}
