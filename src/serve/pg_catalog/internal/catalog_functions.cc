#include "serve/pg_catalog/internal/catalog_functions.h"

namespace smelt::serve::pg_catalog {
namespace {

constexpr std::string_view kFunctionMacros = R"(
CREATE MACRO pgc.version() AS getvariable('pg_version');
CREATE MACRO pgc.current_database() AS 'lake'::name;
CREATE MACRO pgc.current_catalog() AS 'lake'::name;
CREATE MACRO pgc.current_user() AS getvariable('pg_user')::name;
CREATE MACRO pgc.session_user() AS getvariable('pg_user')::name;
CREATE MACRO pgc.current_role() AS getvariable('pg_user')::name;
CREATE MACRO pgc.user() AS getvariable('pg_user')::name;
CREATE MACRO pgc.current_schema() AS getvariable('pg_path')[1]::name;
CREATE MACRO pgc.current_schemas(arg_implicit) AS
  (CASE WHEN arg_implicit THEN list_prepend('pg_catalog', getvariable('pg_path')) ELSE getvariable('pg_path') END)::name[];
CREATE MACRO pgc.current_setting(arg_name) AS
  CASE WHEN getvariable('pg_settings')[lower(arg_name)] IS NULL
       THEN error('unrecognized configuration parameter "' || arg_name || '"')
       ELSE getvariable('pg_settings')[lower(arg_name)].setting END,
  (arg_name, arg_missing_ok) AS getvariable('pg_settings')[lower(arg_name)].setting;
CREATE MACRO pgc.pg_backend_pid() AS getvariable('pg_pid')::INTEGER;
CREATE MACRO pgc.pg_is_in_recovery() AS false;
CREATE MACRO pgc.pg_is_wal_replay_paused() AS false;
CREATE MACRO pgc.pg_postmaster_start_time() AS getvariable('pg_started')::TIMESTAMPTZ;
CREATE MACRO pgc.pg_conf_load_time() AS getvariable('pg_started')::TIMESTAMPTZ;
CREATE MACRO pgc.inet_server_addr() AS getvariable('pg_server_address')::inet;
CREATE MACRO pgc.inet_server_port() AS getvariable('pg_server_port')::INTEGER;
CREATE MACRO pgc.inet_client_addr() AS getvariable('pg_address')::inet;
CREATE MACRO pgc.inet_client_port() AS NULL::INTEGER;
CREATE MACRO pgc.txid_current() AS 1::BIGINT;
CREATE MACRO pgc.txid_current_if_assigned() AS NULL::BIGINT;
CREATE MACRO pgc.pg_my_temp_schema() AS 0::pg_oid;
CREATE MACRO pgc.pg_is_other_temp_schema(arg_oid) AS false;
CREATE MACRO pgc.pg_client_encoding() AS 'UTF8'::name;
CREATE MACRO pgc.getdatabaseencoding() AS 'UTF8'::name;
CREATE MACRO pgc.pg_encoding_to_char(arg_encoding) AS
  (CASE arg_encoding WHEN 6 THEN 'UTF8' WHEN 0 THEN 'SQL_ASCII' WHEN 8 THEN 'LATIN1' ELSE '' END)::name;
CREATE MACRO pgc.pg_char_to_encoding(arg_name) AS
  CASE upper(arg_name) WHEN 'UTF8' THEN 6 WHEN 'UNICODE' THEN 6 WHEN 'SQL_ASCII' THEN 0 WHEN 'LATIN1' THEN 8 ELSE -1 END;
CREATE MACRO pgc.pg_encoding_max_length(arg_encoding) AS CASE arg_encoding WHEN 6 THEN 4 ELSE 1 END;

CREATE MACRO pgc.length(arg_text) AS "length@"(arg_text);
CREATE MACRO pgc.char_length(arg_text) AS length(arg_text)::INTEGER;
CREATE MACRO pgc.strpos(arg_text, arg_part) AS strpos(arg_text, arg_part)::INTEGER;
CREATE MACRO pgc.pg_typeof(arg_value) AS
  (CASE typeof(arg_value) WHEN 'pg_oid' THEN 'oid' WHEN 'pg_char' THEN '"char"' WHEN 'pg_varchar' THEN 'character varying'
     WHEN 'VARCHAR' THEN 'text' WHEN 'FLOAT' THEN 'real' WHEN 'DOUBLE' THEN 'double precision'
     WHEN 'TIMESTAMP' THEN 'timestamp without time zone' WHEN 'TIME' THEN 'time without time zone'
     WHEN 'regproc_oid' THEN 'regproc' WHEN '"NULL"' THEN 'unknown'
     ELSE regexp_replace(lower(typeof(arg_value)), '^(decimal|hugeint).*', 'numeric') END)::regtype;
CREATE MACRO pgc.quote_ident(arg_name) AS
  CASE WHEN regexp_full_match(arg_name, '[a-z_][a-z0-9_]*')
            AND arg_name NOT IN (SELECT m_k.word FROM pgc.smelt_keywords m_k WHERE m_k.catcode <> 'U')
       THEN arg_name::VARCHAR ELSE '"' || replace(arg_name, '"', '""') || '"' END;
CREATE MACRO pgc.quote_literal(arg_text) AS '''' || replace(arg_text::VARCHAR, '''', '''''') || '''';
CREATE MACRO pgc.quote_nullable(arg_text) AS
  coalesce('''' || replace(arg_text::VARCHAR, '''', '''''') || '''', 'NULL');
CREATE MACRO pgc.smelt_put(arg_format, arg_value) AS
  regexp_replace(arg_format, '%[sIL]', replace(replace(
    CASE regexp_extract(arg_format, '%([sIL])', 1) WHEN 'I' THEN pgc.quote_ident(arg_value::VARCHAR)
         WHEN 'L' THEN pgc.quote_nullable(arg_value) ELSE coalesce(arg_value::VARCHAR, '') END, '\', '\\'), '%', chr(1)));
CREATE MACRO pgc.smelt_format(arg_format) AS replace(replace(arg_format, '%%', '%'), chr(1), '%');
CREATE MACRO pgc.format(arg_format) AS pgc.smelt_format(arg_format),
  (arg_format, arg_1) AS pgc.smelt_format(pgc.smelt_put(arg_format, arg_1)),
  (arg_format, arg_1, arg_2) AS pgc.smelt_format(pgc.smelt_put(pgc.smelt_put(arg_format, arg_1), arg_2)),
  (arg_format, arg_1, arg_2, arg_3) AS
    pgc.smelt_format(pgc.smelt_put(pgc.smelt_put(pgc.smelt_put(arg_format, arg_1), arg_2), arg_3));
CREATE MACRO pgc.parse_ident(arg_name) AS
  list_transform(regexp_extract_all(arg_name, '"(?:[^"]|"")*"|[^.\s]+'), lambda x :
    CASE WHEN x[1] = '"' THEN replace(x[2:-2], '""', '"') ELSE lower(x) END);
CREATE MACRO pgc.btrim(arg_text) AS trim(arg_text), (arg_text, arg_characters) AS trim(arg_text, arg_characters);
CREATE MACRO pgc.array_upper(arg_array, arg_dimension) AS nullif(len(arg_array), 0)::INTEGER;
CREATE MACRO pgc.array_lower(arg_array, arg_dimension) AS CASE WHEN len(arg_array) > 0 THEN 1 END;
CREATE MACRO pgc.array_length(arg_array, arg_dimension) AS nullif(len(arg_array), 0)::INTEGER;
CREATE MACRO pgc.array_ndims(arg_array) AS CASE WHEN len(arg_array) > 0 THEN 1 END;
CREATE MACRO pgc.cardinality(arg_array) AS len(arg_array)::INTEGER;
CREATE MACRO pgc.array_remove(arg_array, arg_value) AS list_filter(arg_array, lambda x : x IS DISTINCT FROM arg_value);
CREATE MACRO pgc.array_to_string(arg_array, arg_separator) AS list_aggregate(arg_array::VARCHAR[], 'string_agg', arg_separator),
  (arg_array, arg_separator, arg_null) AS
  list_aggregate(list_transform(arg_array::VARCHAR[], lambda x : coalesce(x, arg_null)), 'string_agg', arg_separator);
CREATE MACRO pgc.generate_subscripts(arg_array, arg_dimension) AS unnest(generate_series(1, len(arg_array)))::INTEGER;
CREATE MACRO pgc._pg_expandarray(arg_array) AS
  unnest(list_transform(arg_array, lambda x, i : {'x': x, 'n': i::INTEGER}));
CREATE MACRO pgc.pg_size_pretty(arg_bytes) AS
  CASE WHEN abs(arg_bytes) < 10240 THEN arg_bytes::BIGINT || ' bytes'
       WHEN abs(arg_bytes) < 10485248 THEN round(arg_bytes / 1024.0)::BIGINT || ' kB'
       WHEN abs(arg_bytes) < 10736893952 THEN round(arg_bytes / 1048576.0)::BIGINT || ' MB'
       WHEN abs(arg_bytes) < 10994579406848 THEN round(arg_bytes / 1073741824.0)::BIGINT || ' GB'
       ELSE round(arg_bytes / 1099511627776.0)::BIGINT || ' TB' END;

CREATE MACRO pgc.to_regclass(arg_text) AS
  (SELECT min(m_c.oid) FROM pgc.pg_class m_c JOIN pgc.pg_namespace m_n ON m_n.oid = m_c.relnamespace
   WHERE (instr(arg_text, '.') > 0
          AND m_n.nspname = trim(split_part(arg_text, '.', -2), '"') AND m_c.relname = trim(split_part(arg_text, '.', -1), '"'))
      OR (instr(arg_text, '.') = 0 AND m_c.relname = trim(arg_text, '"')
          AND list_contains(getvariable('pg_visible'), m_c.oid)))::pg_oid;
CREATE MACRO pgc.smelt_relation(arg_of) AS
  coalesce(try_cast(arg_of AS UINTEGER), pgc.to_regclass(arg_of::VARCHAR))::pg_oid;
CREATE MACRO pgc.to_regnamespace(arg_text) AS
  (SELECT min(m_n.oid) FROM pgc.pg_namespace m_n WHERE m_n.nspname = trim(arg_text, '"'))::pg_oid;
CREATE MACRO pgc.to_regrole(arg_text) AS
  (SELECT min(m_r.oid) FROM pgc.pg_authid m_r WHERE m_r.rolname = trim(arg_text, '"'))::pg_oid;
CREATE MACRO pgc.to_regproc(arg_text) AS
  (SELECT min(m_p.oid) FROM pgc.pg_proc m_p WHERE m_p.proname = regexp_replace(arg_text, '^pg_catalog\.', ''))::pg_oid;
CREATE MACRO pgc.to_regprocedure(arg_text) AS
  (SELECT min(m_p.oid) FROM pgc.pg_proc m_p WHERE m_p.proname = split_part(regexp_replace(arg_text, '^pg_catalog\.', ''), '(', 1))::pg_oid;
CREATE MACRO pgc.to_regtype(arg_text) AS
  (SELECT min(m_t.oid) FROM pgc.smelt_types m_t
   WHERE m_t.typname = trim(regexp_replace(arg_text, '^pg_catalog\.', ''), '"') OR m_t.format = lower(arg_text)
      OR m_t.typname = CASE lower(arg_text) WHEN 'int' THEN 'int4' WHEN 'decimal' THEN 'numeric' WHEN 'float' THEN 'float8'
                       WHEN 'int[]' THEN '_int4' WHEN 'decimal[]' THEN '_numeric' WHEN 'float[]' THEN '_float8'
                       ELSE regexp_replace(lower(arg_text), '^(.*)\[\]$', '_\1') END)::pg_oid;
CREATE MACRO pgc.smelt_found(arg_oid, arg_missing) AS
  CASE WHEN arg_oid IS NULL THEN error(arg_missing)::INTEGER::pg_oid ELSE arg_oid END;
CREATE MACRO pgc.smelt_regclass(arg_of) AS
  coalesce((SELECT min(CASE WHEN list_contains(getvariable('pg_visible'), m_c.oid) THEN pgc.quote_ident(m_c.relname)
                            ELSE pgc.quote_ident(m_n.nspname) || '.' || pgc.quote_ident(m_c.relname) END)
            FROM pgc.pg_class m_c JOIN pgc.pg_namespace m_n ON m_n.oid = m_c.relnamespace WHERE m_c.oid = pgc.smelt_relation(arg_of)),
           CASE WHEN arg_of::VARCHAR = '0' THEN '-' ELSE arg_of::VARCHAR END)::regclass;
CREATE MACRO pgc.smelt_regproc(arg_oid) AS
  coalesce((SELECT min(m_p.proname::VARCHAR) FROM pgc.pg_proc m_p WHERE m_p.oid = arg_oid),
           CASE WHEN arg_oid = 0 THEN '-' ELSE arg_oid::VARCHAR END)::regproc;
CREATE MACRO pgc.smelt_regprocedure(arg_oid) AS pgc.smelt_regproc(arg_oid);
CREATE MACRO pgc.smelt_regnamespace(arg_oid) AS
  coalesce((SELECT min(m_n.nspname::VARCHAR) FROM pgc.pg_namespace m_n WHERE m_n.oid = arg_oid),
           CASE WHEN arg_oid = 0 THEN '-' ELSE arg_oid::VARCHAR END)::regnamespace;
CREATE MACRO pgc.smelt_regrole(arg_oid) AS
  coalesce((SELECT min(m_r.rolname::VARCHAR) FROM pgc.pg_authid m_r WHERE m_r.oid = arg_oid),
           CASE WHEN arg_oid = 0 THEN '-' ELSE arg_oid::VARCHAR END)::regrole;
CREATE MACRO pgc.format_type(arg_oid, arg_modifier) AS
  CASE WHEN arg_oid IS NULL THEN NULL WHEN arg_oid = 0 THEN '-'
       WHEN arg_oid = 1700 AND arg_modifier >= 4
         THEN 'numeric(' || ((arg_modifier::BIGINT - 4) >> 16) || ',' || ((arg_modifier::BIGINT - 4) & 65535) || ')'
       WHEN arg_oid = 1231 AND arg_modifier >= 4
         THEN 'numeric(' || ((arg_modifier::BIGINT - 4) >> 16) || ',' || ((arg_modifier::BIGINT - 4) & 65535) || ')[]'
       WHEN arg_oid = 1043 AND arg_modifier >= 4 THEN 'character varying(' || (arg_modifier - 4) || ')'
       WHEN arg_oid = 1042 AND arg_modifier >= 4 THEN 'character(' || (arg_modifier - 4) || ')'
       ELSE coalesce((SELECT CASE WHEN m_t.format = '' THEN m_t.typname::VARCHAR ELSE m_t.format END
                      FROM pgc.smelt_types m_t WHERE m_t.oid = arg_oid), '???') END;
CREATE MACRO pgc.smelt_regtype(arg_oid) AS
  (CASE WHEN arg_oid = 0 THEN '-' ELSE pgc.format_type(arg_oid, NULL) END)::regtype;

CREATE MACRO pgc.pg_get_userbyid(arg_oid) AS
  coalesce((SELECT m_r.rolname::VARCHAR FROM pgc.pg_authid m_r WHERE m_r.oid = arg_oid), 'unknown (OID=' || arg_oid || ')')::name;
CREATE MACRO pgc.pg_table_is_visible(arg_oid) AS list_contains(getvariable('pg_visible'), arg_oid);
CREATE MACRO pgc.pg_type_is_visible(arg_oid) AS arg_oid < 13208;
CREATE MACRO pgc.pg_function_is_visible(arg_oid) AS true;
CREATE MACRO pgc.pg_operator_is_visible(arg_oid) AS true;
CREATE MACRO pgc.pg_opclass_is_visible(arg_oid) AS true;
CREATE MACRO pgc.pg_opfamily_is_visible(arg_oid) AS true;
CREATE MACRO pgc.pg_collation_is_visible(arg_oid) AS true;
CREATE MACRO pgc.pg_conversion_is_visible(arg_oid) AS true;
CREATE MACRO pgc.pg_statistics_obj_is_visible(arg_oid) AS true;
CREATE MACRO pgc.pg_ts_config_is_visible(arg_oid) AS true;
CREATE MACRO pgc.pg_ts_dict_is_visible(arg_oid) AS true;
CREATE MACRO pgc.pg_ts_parser_is_visible(arg_oid) AS true;
CREATE MACRO pgc.pg_ts_template_is_visible(arg_oid) AS true;
CREATE MACRO pgc.obj_description(arg_oid) AS
  (SELECT min(m_d.description) FROM pgc.pg_description m_d WHERE m_d.objoid = arg_oid AND m_d.objsubid = 0),
  (arg_oid, arg_catalog) AS
  (SELECT min(m_d.description) FROM pgc.pg_description m_d JOIN pgc.pg_class m_c ON m_c.oid = m_d.classoid
   WHERE m_d.objoid = arg_oid AND m_d.objsubid = 0 AND m_c.relname = arg_catalog AND m_c.relnamespace = 11);
CREATE MACRO pgc.col_description(arg_oid, arg_column) AS
  (SELECT min(m_d.description) FROM pgc.pg_description m_d
   WHERE m_d.objoid = arg_oid AND m_d.objsubid = arg_column AND m_d.classoid = 1259);
CREATE MACRO pgc.shobj_description(arg_oid, arg_catalog) AS
  (SELECT min(m_d.description) FROM pgc.pg_shdescription m_d JOIN pgc.pg_class m_c ON m_c.oid = m_d.classoid
   WHERE m_d.objoid = arg_oid AND m_c.relname = arg_catalog);
CREATE MACRO pgc.pg_get_expr(arg_tree, arg_oid) AS arg_tree::VARCHAR, (arg_tree, arg_oid, arg_pretty) AS arg_tree::VARCHAR;
CREATE MACRO pgc.pg_get_viewdef(arg_view) AS
  (SELECT m_v.definition FROM pgc.smelt_views m_v WHERE m_v.oid = pgc.smelt_relation(arg_view)),
  (arg_view, arg_pretty) AS (SELECT m_v.definition FROM pgc.smelt_views m_v WHERE m_v.oid = pgc.smelt_relation(arg_view));
CREATE MACRO pgc.pg_get_constraintdef(arg_oid) AS NULL::VARCHAR, (arg_oid, arg_pretty) AS NULL::VARCHAR;
CREATE MACRO pgc.pg_get_indexdef(arg_oid) AS NULL::VARCHAR, (arg_oid, arg_column, arg_pretty) AS NULL::VARCHAR;
CREATE MACRO pgc.pg_get_triggerdef(arg_oid) AS NULL::VARCHAR, (arg_oid, arg_pretty) AS NULL::VARCHAR;
CREATE MACRO pgc.pg_get_ruledef(arg_oid) AS NULL::VARCHAR, (arg_oid, arg_pretty) AS NULL::VARCHAR;
CREATE MACRO pgc.pg_get_functiondef(arg_oid) AS NULL::VARCHAR;
CREATE MACRO pgc.pg_get_function_arguments(arg_oid) AS
  (SELECT string_agg(CASE WHEN m_t.format = '' THEN m_t.typname::VARCHAR ELSE m_t.format END, ', ' ORDER BY m_a.number)
   FROM (SELECT unnest(m_p.proargtypes) AS type, unnest(generate_series(1, len(m_p.proargtypes))) AS number
         FROM pgc.pg_proc m_p WHERE m_p.oid = arg_oid) m_a JOIN pgc.smelt_types m_t ON m_t.oid = m_a.type);
CREATE MACRO pgc.pg_get_function_identity_arguments(arg_oid) AS
  (SELECT string_agg(CASE WHEN m_t.format = '' THEN m_t.typname::VARCHAR ELSE m_t.format END, ', ' ORDER BY m_a.number)
   FROM (SELECT unnest(m_p.proargtypes) AS type, unnest(generate_series(1, len(m_p.proargtypes))) AS number
         FROM pgc.pg_proc m_p WHERE m_p.oid = arg_oid) m_a JOIN pgc.smelt_types m_t ON m_t.oid = m_a.type);
CREATE MACRO pgc.pg_get_function_result(arg_oid) AS
  (SELECT pgc.format_type(m_p.prorettype, NULL) FROM pgc.pg_proc m_p WHERE m_p.oid = arg_oid);
CREATE MACRO pgc.pg_get_function_arg_default(arg_oid, arg_number) AS NULL::VARCHAR;
CREATE MACRO pgc.pg_get_function_sqlbody(arg_oid) AS NULL::VARCHAR;
CREATE MACRO pgc.pg_get_partkeydef(arg_oid) AS NULL::VARCHAR;
CREATE MACRO pgc.pg_get_partition_constraintdef(arg_oid) AS NULL::VARCHAR;
CREATE MACRO pgc.pg_get_statisticsobjdef(arg_oid) AS NULL::VARCHAR;
CREATE MACRO pgc.pg_get_statisticsobjdef_columns(arg_oid) AS NULL::VARCHAR;
CREATE MACRO pgc.pg_get_statisticsobjdef_expressions(arg_oid) AS NULL::VARCHAR[];
CREATE MACRO pgc.pg_get_serial_sequence(arg_table, arg_column) AS NULL::VARCHAR;
CREATE MACRO pgc.pg_relation_is_updatable(arg_oid, arg_triggers) AS
  (SELECT CASE m_c.relkind WHEN 'r' THEN 28 ELSE 0 END FROM pgc.pg_class m_c WHERE m_c.oid = pgc.smelt_relation(arg_oid));
CREATE MACRO pgc.pg_relation_is_publishable(arg_oid) AS false;
CREATE MACRO pgc.pg_relation_filenode(arg_oid) AS NULL::pg_oid;
CREATE MACRO pgc.pg_relation_filepath(arg_oid) AS NULL::VARCHAR;
CREATE MACRO pgc.smelt_bytes(arg_of) AS
  (SELECT coalesce(max(m_s.bytes), 0) FROM pgc.smelt_sizes m_s WHERE m_s.oid = pgc.smelt_relation(arg_of))::BIGINT;
CREATE MACRO pgc.pg_relation_size(arg_of) AS pgc.smelt_bytes(arg_of), (arg_of, arg_fork) AS pgc.smelt_bytes(arg_of);
CREATE MACRO pgc.pg_table_size(arg_of) AS pgc.smelt_bytes(arg_of);
CREATE MACRO pgc.pg_total_relation_size(arg_of) AS pgc.smelt_bytes(arg_of);
CREATE MACRO pgc.pg_indexes_size(arg_of) AS 0::BIGINT;
CREATE MACRO pgc.pg_database_size(arg_of) AS (SELECT coalesce(sum(m_s.bytes), 0) FROM pgc.smelt_sizes m_s)::BIGINT;
CREATE MACRO pgc.pg_tablespace_size(arg_of) AS (SELECT coalesce(sum(m_s.bytes), 0) FROM pgc.smelt_sizes m_s)::BIGINT;
CREATE MACRO pgc.pg_tablespace_location(arg_of) AS '';
CREATE MACRO pgc.pg_stat_get_numscans(arg_oid) AS 0::BIGINT;
CREATE MACRO pgc.pg_stat_get_live_tuples(arg_oid) AS
  (SELECT coalesce(max(m_s.rows), 0) FROM pgc.smelt_sizes m_s WHERE m_s.oid = arg_oid)::BIGINT;
CREATE MACRO pgc.pg_column_is_updatable(arg_of, arg_column, arg_triggers) AS
  (SELECT m_c.relkind = 'r' FROM pgc.pg_class m_c WHERE m_c.oid = pgc.smelt_relation(arg_of));
CREATE MACRO pgc.pg_index_column_has_property(arg_of, arg_column, arg_property) AS NULL::BOOLEAN;
CREATE MACRO pgc.pg_indexam_has_property(arg_of, arg_property) AS NULL::BOOLEAN;
CREATE MACRO pgc.row_security_active(arg_of) AS false;
CREATE MACRO pgc.pg_advisory_lock_shared(arg_key) AS NULL::VARCHAR;
CREATE MACRO pgc.pg_advisory_unlock_all() AS '';
CREATE MACRO pgc.pg_blocking_pids(arg_pid) AS []::INTEGER[];
CREATE MACRO pgc.pg_get_keywords() AS TABLE
  SELECT m_k.word, m_k.catcode::pg_char AS catcode, m_k.barelabel,
    CASE m_k.catcode WHEN 'U' THEN 'unreserved' WHEN 'R' THEN 'reserved'
      WHEN 'T' THEN 'reserved (can be function or type name)' ELSE 'unreserved (cannot be function or type name)' END AS catdesc,
    CASE WHEN m_k.barelabel THEN 'can be bare label' ELSE 'requires AS' END AS baredesc
  FROM pgc.smelt_keywords m_k ORDER BY 1;
CREATE MACRO pgc.aclexplode(arg_acl) AS TABLE
  SELECT 0::pg_oid AS grantor, 0::pg_oid AS grantee, '' AS privilege_type, false AS is_grantable WHERE false;
CREATE MACRO pgc.pg_options_to_table(arg_options) AS TABLE
  SELECT '' AS option_name, '' AS option_value WHERE false;
CREATE MACRO pgc.pg_partition_ancestors(arg_oid) AS TABLE SELECT '' AS relid WHERE false;
CREATE MACRO pgc.pg_listening_channels() AS TABLE SELECT '' AS pg_listening_channels WHERE false;
CREATE MACRO pgc.acldefault(arg_kind, arg_owner) AS NULL::aclitem[];
)";

}  // namespace

std::string_view FunctionMacros() {
  return kFunctionMacros;
}

}  // namespace smelt::serve::pg_catalog
