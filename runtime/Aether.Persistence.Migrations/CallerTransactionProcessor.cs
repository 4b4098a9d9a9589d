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
/// Makes FluentMigrator work in the caller's transaction, which holds the migration lock, instead of opening its own
/// connection. Lock and migrations then end together, whatever happens, so no second runner finds half-applied
/// migrations.
/// </summary>
internal sealed class CallerTransactionProcessor : Postgres15_0Processor
{
    public CallerTransactionProcessor(
        NpgsqlTransaction transaction,
        PostgresDbFactory factory,
        Postgres15_0Generator generator,
        ILogger<Postgres15_0Processor> logger,
        IOptionsSnapshot<ProcessorOptions> options,
        IConnectionStringAccessor connectionString,
        PostgresOptions postgresOptions)
        : base(factory, generator, logger, options, connectionString, postgresOptions)
    {
        Connection = transaction.Connection!;
        Transaction = transaction;
    }

    protected override void EnsureConnectionIsOpen()
    {
        if (Connection.State != ConnectionState.Open)
            throw new InvalidOperationException("The connection that held the migration lock broke; run again.");
    }

    // The caller owns connection and transaction, and commits.
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
