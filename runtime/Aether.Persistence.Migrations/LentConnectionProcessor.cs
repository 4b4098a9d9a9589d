using System.Data;
using FluentMigrator.Runner.Generators.Postgres;
using FluentMigrator.Runner.Initialization;
using FluentMigrator.Runner.Processors;
using FluentMigrator.Runner.Processors.Postgres;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Aether.Persistence.Migrations;

/// <summary>
/// Lets FluentMigrator work in the transaction that holds the lock instead of opening a connection of its own: lock and
/// migrations end together, whatever happens, and no second runner meets a half of the first.
/// </summary>
internal sealed class LentConnectionProcessor : Postgres15_0Processor
{
    public LentConnectionProcessor(
        NpgsqlTransaction lent,
        PostgresDbFactory factory,
        Postgres15_0Generator generator,
        ILogger<Postgres15_0Processor> logger,
        IOptionsSnapshot<ProcessorOptions> options,
        IConnectionStringAccessor connectionString,
        PostgresOptions postgresOptions)
        : base(factory, generator, logger, options, connectionString, postgresOptions)
    {
        Connection = lent.Connection!;
        Transaction = lent;
    }

    protected override void EnsureConnectionIsOpen()
    {
        if (Connection.State != ConnectionState.Open)
            throw new InvalidOperationException("The connection that held the migration lock broke; run again.");
    }

    // Connection and transaction are the caller's, who also commits.
    protected override void EnsureConnectionIsClosed()
    {
    }

    public override void CommitTransaction()
    {
    }

    public override void RollbackTransaction()
    {
    }

    protected override void Dispose(bool isDisposing) => base.Dispose(isDisposing: false);
}
