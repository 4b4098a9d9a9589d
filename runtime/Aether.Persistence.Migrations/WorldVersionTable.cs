using FluentMigrator.Runner.VersionTableInfo;

namespace Aether.Persistence.Migrations;

/// <summary>The table in which a world's schema records its migrations.</summary>
internal sealed class WorldVersionTable(string schema) : IVersionTableMetaData
{
    public const string Name = "schema_versions";
    public const string Version = "version";

    public bool OwnsSchema => false;

    public string SchemaName => schema;

    public string TableName => Name;

    public string ColumnName => Version;

    public string DescriptionColumnName => "description";

    public string UniqueIndexName => "schema_versions_version_key";

    public string AppliedOnColumnName => "applied_on";

    public bool CreateWithPrimaryKey => false;
}
