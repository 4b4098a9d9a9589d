namespace Aether.EndToEnd.Tests.Support.Stores;

/// <summary>Queries of PostgreSQL's catalogue.</summary>
internal static class PostgresQueries
{
    /// <summary>
    /// Everything about schema $1 and role $2: marks, owners, rights, attributes, settings, password, columns, rows.
    /// </summary>
    public const string WorldContents = """
        WITH relations AS (
            SELECT c.*, n.nspname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname = $1 AND c.relkind IN ('r', 'v', 'm', 'S'))
        SELECT line FROM (
            SELECT format('schema %s of %s, rights %s, mark %s', n.nspname, pg_get_userbyid(n.nspowner),
                (SELECT string_agg(a::text, ' ' ORDER BY a::text) FROM unnest(n.nspacl) a),
                obj_description(n.oid, 'pg_namespace')) AS line
            FROM pg_namespace n WHERE n.nspname = $1
            UNION ALL
            SELECT format('role %s, mark %s, settings %s', to_jsonb(r) - 'oid', shobj_description(r.oid, 'pg_authid'),
                (SELECT string_agg(s.setconfig::text, ' ' ORDER BY s.setdatabase) FROM pg_db_role_setting s
                 WHERE s.setrole = r.oid))
            FROM pg_authid r WHERE r.rolname = $2
            UNION ALL
            SELECT format('role is a member of %s', pg_get_userbyid(m.roleid))
            FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.member WHERE r.rolname = $2
            UNION ALL
            SELECT format('%s "%s" of %s, rights %s', c.relkind, c.relname, pg_get_userbyid(c.relowner),
                (SELECT string_agg(a::text, ' ' ORDER BY a::text) FROM unnest(c.relacl) a))
            FROM relations c
            UNION ALL
            SELECT format('column "%s"."%s" %s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod))
            FROM relations c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
            UNION ALL
            SELECT format('rows of "%s": %s', c.relname,
                query_to_xml(
                    format('SELECT t::text FROM %I.%I t ORDER BY 1', c.nspname, c.relname), true, false, '')::text)
            FROM relations c WHERE c.relkind = 'r') all_lines
        ORDER BY line COLLATE "C"
        """;
}
