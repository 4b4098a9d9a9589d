using Npgsql;

namespace Aether.Operator.Provisioning.Postgres;

/// <summary>
/// Repairs what is not as it should be within one transaction, and proves that it is repaired: PostgreSQL only warns
/// when a GRANT or REVOKE had no effect, and says nothing where another role granted what is to be revoked.
/// </summary>
/// <param name="connection">Within a transaction.</param>
/// <param name="access">For messages.</param>
internal sealed class PostgresRepair(NpgsqlConnection connection, PostgresAccess access)
{
    // Each round can only find what the one before made possible: role and schema, then grants on what is in them.
    private const int MostRounds = 4;

    private readonly List<string> _heard = [];
    private readonly List<PostgresDrift> _tried = [];
    private IReadOnlyList<PostgresDrift> _left = [];
    private PostgresException? _denial;

    /// <summary>What is repaired.</summary>
    public IEnumerable<PostgresDrift> Repaired => _tried.Where(tried => _left.All(left => left.What != tried.What));

    /// <summary>
    /// Carries out the repairs. The caller commits, also where some had no effect, and then asks <see cref="Verify"/>.
    /// </summary>
    /// <param name="compare">Finds what is to be repaired; given the number of the round, from 0.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task RunAsync(
        Func<int, Task<IReadOnlyList<PostgresDrift>>> compare, CancellationToken cancellationToken)
    {
        connection.Notice += Hear;
        try
        {
            for (var round = 0; ; round++)
            {
                _left = await compare(round);
                var untried = _left.Where(left => _tried.All(tried => tried.What != left.What)).ToList();
                if (untried.Count == 0 || round == MostRounds)
                    return;
                foreach (var drift in untried)
                    await RepairAsync(drift, cancellationToken);
                _tried.AddRange(untried);
            }
        }
        finally
        {
            connection.Notice -= Hear;
        }
    }

    /// <summary>Checks that nothing is left to repair.</summary>
    /// <exception cref="ProvisioningException">Something is; the message names it and what helps.</exception>
    public void Verify()
    {
        if (_left.Count == 0)
            return;
        var heard = _heard.Count > 0 ? $" (PostgreSQL said: {string.Join("; ", _heard.Distinct())})" : "";
        throw new ProvisioningException(StoreReason.PermissionDenied,
            $"PostgreSQL at {access.Address} does not let user '{access.Username}' repair that "
            + $"{string.Join(", and that ", _left.Select(drift => drift.What))}{heard}. As a superuser or as the owner "
            + $"run: {string.Join(' ', _left.SelectMany(drift => drift.Remedy).Distinct().Select(text => text + ";"))}",
            _denial);
    }

    // What one drift needs is denied without giving up what was repaired beside it.
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
            // Whatever fails after a denial may follow from it, such as a grant on a schema that could not be created.
            await ExecuteAsync("ROLLBACK TO SAVEPOINT repair", cancellationToken);
            if (_denial is null || refusal.SqlState == PostgresErrorCodes.InsufficientPrivilege)
                _heard.Add(PostgresFailures.WordsOf(refusal));
            _denial ??= refusal;
        }
    }

    private async Task ExecuteAsync(string statement, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(statement, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private void Hear(object sender, NpgsqlNoticeEventArgs heard) => _heard.Add(heard.Notice.MessageText);
}
