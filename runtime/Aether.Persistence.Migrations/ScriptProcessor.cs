using System.Data;
using FluentMigrator.Expressions;
using FluentMigrator.Runner.Generators.Postgres;
using FluentMigrator.Runner.Initialization;
using FluentMigrator.Runner.Processors;
using FluentMigrator.Runner.Processors.Postgres;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Aether.Persistence.Migrations;

/// <summary>Collects the statements of migrations for an empty schema, instead of sending them to a server.</summary>
internal sealed class ScriptProcessor(
    List<string> statements,
    PostgresDbFactory factory,
    Postgres15_0Generator generator,
    ILogger<Postgres15_0Processor> logger,
    IOptionsSnapshot<ProcessorOptions> options,
    IConnectionStringAccessor connectionString,
    PostgresOptions postgresOptions)
    : Postgres15_0Processor(factory, generator, logger, options, connectionString, postgresOptions)
{
    // The schema exists, as the caller of the script has created it, and is empty.
    public override bool SchemaExists(string schemaName) => true;

    public override bool Exists(string template, params object[] args) => false;

    public override DataSet ReadTableData(string schemaName, string tableName)
    {
        var none = new DataSet();
        none.Tables.Add();
        return none;
    }

    public override void Process(PerformDBOperationExpression expression) =>
        throw new NotSupportedException("A migration of a world's schema must consist of SQL: a script is made of it.");

    public override void BeginTransaction()
    {
    }

    public override void CommitTransaction()
    {
    }

    public override void RollbackTransaction()
    {
    }

    protected override void Process(string sql)
    {
        if (!string.IsNullOrWhiteSpace(sql))
            statements.Add(sql.Trim().TrimEnd(';'));
    }

    protected override void EnsureConnectionIsOpen()
    {
    }

    protected override void EnsureConnectionIsClosed()
    {
    }
}
