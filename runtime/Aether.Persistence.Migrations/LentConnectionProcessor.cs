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
/// Lets FluentMigrator work on the connection that holds the lock instead of opening one of its own: if the session
/// breaks, the server ends lock and migrations together, and no second runner meets a half of the first.
/// </summary>
internal sealed class LentConnectionProcessor : Postgres15_0Processor
{
    public LentConnectionProcessor(
        NpgsqlConnection lent,
        PostgresDbFactory factory,
        Postgres15_0Generator generator,
        ILogger<Postgres15_0Processor> logger,
        IOptionsSnapshot<ProcessorOptions> options,
        IConnectionStringAccessor connectionString,
        PostgresOptions postgresOptions)
        : base(factory, generator, logger, options, connectionString, postgresOptions)
    {
        Connection = lent;
    }

    protected override void EnsureConnectionIsOpen()
    {
        if (Connection.State != ConnectionState.Open)
            throw new InvalidOperationException("The connection that held the migration lock broke; run again.");
    }

    // It belongs to whoever lent it, and must still be there to let the lock go.
    protected override void EnsureConnectionIsClosed()
    {
    }

    protected override void Dispose(bool isDisposing)
    {
        if (isDisposing)
            RollbackTransaction();
        base.Dispose(isDisposing: false);
    }
}
