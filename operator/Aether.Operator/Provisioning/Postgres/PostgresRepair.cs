using Npgsql;

namespace Aether.Operator.Provisioning.Postgres;

/// <summary>
/// Repairs differences within one transaction and verifies the result: PostgreSQL only warns if a GRANT or REVOKE had
/// no effect, and is silent if another role made the grant that is to be revoked.
/// </summary>
/// <param name="connection">A connection within a transaction.</param>
/// <param name="access">The server, for messages.</param>
internal sealed class PostgresRepair(NpgsqlConnection connection, PostgresAccess access)
{
    // Each round can find only what the round before made visible: first role and schema, then grants on their content.
    // What worlds share comes last.
    private const int MostRounds = 5;

    private readonly List<string> _notices = [];
    private readonly List<PostgresDrift> _tried = [];
    private IReadOnlyList<PostgresDrift> _left = [];
    private PostgresException? _denial;

    /// <summary>The repaired differences.</summary>
    public IEnumerable<PostgresDrift> Repaired => _tried.Where(tried => _left.All(left => left.What != tried.What));

    /// <summary>
    /// Runs the repairs. The caller commits, even if some had no effect, and then calls <see cref="Verify"/>.
    /// </summary>
    /// <param name="compare">Finds the differences; receives the number of the round, from 0.</param>
    /// <param name="cancellationToken">Cancels the repairs.</param>
    public async Task RunAsync(
        Func<int, Task<IReadOnlyList<PostgresDrift>>> compare, CancellationToken cancellationToken)
    {
        connection.Notice += AddNotice;
        try
        {
            for (var round = 0; ; round++)
            {
                _left = await compare(round);
                var untried = _left.Where(left => _tried.All(tried => tried.What != left.What)).ToList();
                if (untried.Count == 0 || round == MostRounds)
                    return;
                var next = untried.Where(drift => !drift.IsShared).ToList();
                if (next.Count == 0)
                {
                    await PostgresLocks.TakeAllWorldsAsync(connection, cancellationToken);
                    next = untried;
                }

                foreach (var drift in next)
                    await RepairAsync(drift, cancellationToken);
                _tried.AddRange(next);
            }
        }
        finally
        {
            connection.Notice -= AddNotice;
        }
    }

    /// <summary>Checks that no difference is left.</summary>
    /// <exception cref="ProvisioningException">A difference is left; the message names it and its remedy.</exception>
    public void Verify()
    {
        if (_left.Count == 0)
            return;
        var notices = _notices.Count > 0 ? $" (PostgreSQL: {string.Join("; ", _notices.Distinct())})" : "";
        throw new ProvisioningException(StoreReason.PermissionDenied,
            $"PostgreSQL at {access.Address} does not let user '{access.Username}' make these repairs: "
            + $"{string.Join("; ", _left.Select(drift => drift.What))}{notices}. As a superuser or as the owner "
            + $"run: {string.Join(' ', _left.SelectMany(drift => drift.Remedy).Distinct().Select(text => text + ";"))}",
            _denial);
    }

    // In a savepoint, so that a denied repair does not roll back the others.
    private async Task RepairAsync(PostgresDrift drift, CancellationToken cancellationToken)
    {
        await ExecuteAsync("SAVEPOINT repair", cancellationToken);
        try
        {
            foreach (var statement in drift.Statements)
                await ExecuteAsync(statement, cancellationToken);
        }
        catch (PostgresException refusal) when (
            refusal.SqlState == PostgresErrorCodes.InsufficientPrivilege || _denial is not null)
        {
            // A failure after a denial may follow from it, such as a grant on a schema that could not be created.
            await ExecuteAsync("ROLLBACK TO SAVEPOINT repair", cancellationToken);
            if (_denial is null || refusal.SqlState == PostgresErrorCodes.InsufficientPrivilege)
                _notices.Add(PostgresFailures.WordsOf(refusal));
            _denial ??= refusal;
        }
    }

    private async Task ExecuteAsync(string statement, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(statement, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private void AddNotice(object sender, NpgsqlNoticeEventArgs args) => _notices.Add(args.Notice.MessageText);
}
