-- What programs send when they look around in a database of PostgreSQL's. The tables are those of lake_and_postgres.py.

-- Npgsql: types with their elements
-- without: oid
select ns.nspname, t.oid, t.typname, t.typtype, t.typnotnull, t.elemtypoid
from (
  select typ.oid, typ.typnamespace, typ.typname, typ.typtype, typ.typrelid, typ.typnotnull, typ.relkind,
    elemtyp.oid as elemtypoid, elemtyp.typname as elemtypname, elemcls.relkind as elemrelkind,
    case when elemproc.proname = 'array_recv' then 'a' else elemtyp.typtype end as elemtyptype, typ.typcategory
  from (
    select typ.oid, typnamespace, typname, typrelid, typnotnull, relkind, typelem as elemoid,
      case when proc.proname = 'array_recv' then 'a' else typ.typtype end as typtype,
      case when proc.proname = 'array_recv' then typ.typelem
        when typ.typtype = 'r' then rngsubtype
        when typ.typtype = 'm' then (select rngtypid from pg_range where rngmultitypid = typ.oid)
        when typ.typtype = 'd' then typ.typbasetype end as elemtypoid,
      typ.typcategory
    from pg_type as typ
    left join pg_class as cls on (cls.oid = typ.typrelid)
    left join pg_proc as proc on proc.oid = typ.typreceive
    left join pg_range on (pg_range.rngtypid = typ.oid)
  ) as typ
  left join pg_type as elemtyp on elemtyp.oid = elemtypoid
  left join pg_class as elemcls on (elemcls.oid = elemtyp.typrelid)
  left join pg_proc as elemproc on elemproc.oid = elemtyp.typreceive
) as t
join pg_namespace as ns on (ns.oid = typnamespace)
where (typtype in ('b', 'r', 'm', 'e', 'd')
  or (typtype = 'c' and relkind = 'c')
  or (typtype = 'p' and typname in ('record', 'void', 'unknown'))
  or (typtype = 'a' and (
    elemtyptype in ('b', 'r', 'm', 'e', 'd') or (elemtyptype = 'p' and elemtypname in ('record', 'void'))
    or (elemtyptype = 'c' and elemrelkind = 'c'))))
order by case when typtype in ('b', 'e', 'p') then 0 when typtype = 'r' then 1 when typtype = 'm' then 2
  when typtype = 'c' then 3 when typtype = 'd' and elemtyptype <> 'a' then 4 when typtype = 'a' then 5
  when typtype = 'd' and elemtyptype = 'a' then 6 end;

-- Npgsql: composite types
select typ.oid, att.attname, att.atttypid
from pg_type as typ
join pg_namespace as ns on (ns.oid = typ.typnamespace)
join pg_class as cls on (cls.oid = typ.typrelid)
join pg_attribute as att on (att.attrelid = typ.typrelid)
where (typ.typtype = 'c' and cls.relkind = 'c') and attnum > 0 and not attisdropped
order by typ.oid, att.attnum;

-- Npgsql: enumerations
select pg_type.oid, enumlabel from pg_enum join pg_type on pg_type.oid = enumtypid order by oid, enumsortorder;

-- Npgsql: a pooled connection is cleaned
discard all;

-- Metabase: version
select current_setting('server_version_num')::int >= 150000 as recent;

-- Metabase: tables
-- without: estimated_row_count
select n.nspname as schema, c.relname as name,
  case c.relkind when 'r' then 'TABLE' when 'p' then 'PARTITIONED TABLE' when 'v' then 'VIEW' when 'f' then 'FOREIGN TABLE'
    when 'm' then 'MATERIALIZED VIEW' else null end as type,
  d.description as description, stat.n_live_tup as estimated_row_count
from pg_catalog.pg_class as c
inner join pg_catalog.pg_namespace as n on c.relnamespace = n.oid
left join pg_catalog.pg_description as d on c.oid = d.objoid and d.objsubid = 0 and d.classoid = 'pg_class'::regclass
left join pg_stat_user_tables as stat on n.nspname = stat.schemaname and c.relname = stat.relname
where c.relnamespace = n.oid and n.nspname !~ '^pg_' and n.nspname <> 'information_schema' and c.relkind in ('r', 'p', 'v', 'f', 'm')
order by type asc, schema asc, name asc;

-- Metabase: columns
select c.column_name as "name",
  case when c.udt_schema in ('public', 'pg_catalog') then format('%s', c.udt_name)
    else format('"%s"."%s"', c.udt_schema, c.udt_name) end as "database-type",
  c.ordinal_position - 1 as "database-position", c.table_schema as "table-schema", c.table_name as "table-name",
  pk.column_name is not null as "pk?",
  col_description(cast(cast(format('%I.%I', cast(c.table_schema as text), cast(c.table_name as text)) as regclass) as oid),
    c.ordinal_position) as "field-comment",
  ((column_default is null) or (lower(column_default) = 'null')) and (is_nullable = 'NO')
    and not ((column_default is not null and column_default like '%nextval(%') or (is_identity <> 'NO')) as "database-required",
  ((column_default is not null and column_default like '%nextval(%') or (is_identity <> 'NO')) as "database-is-auto-increment"
from information_schema.columns as c
left join (
  select tc.table_schema, tc.table_name, kc.column_name
  from information_schema.table_constraints as tc
  inner join information_schema.key_column_usage as kc on (tc.constraint_name = kc.constraint_name)
    and (tc.table_schema = kc.table_schema) and (tc.table_name = kc.table_name)
  where tc.constraint_type = 'PRIMARY KEY') as pk
  on (c.table_schema = pk.table_schema) and (c.table_name = pk.table_name) and (c.column_name = pk.column_name)
where c.table_schema !~ '^information_schema|catalog_history|pg_' and (c.table_schema in ('sales', 'public'))
union all
select pa.attname, case when ptn.nspname in ('public', 'pg_catalog') then format('%s', pt.typname)
    else format('"%s"."%s"', ptn.nspname, pt.typname) end,
  pa.attnum - 1, pn.nspname, pc.relname, false, null, false, false
from pg_catalog.pg_class as pc
inner join pg_catalog.pg_namespace as pn on pn.oid = pc.relnamespace
inner join pg_catalog.pg_attribute as pa on pa.attrelid = pc.oid
inner join pg_catalog.pg_type as pt on pt.oid = pa.atttypid
inner join pg_catalog.pg_namespace as ptn on ptn.oid = pt.typnamespace
where (pc.relkind = 'm') and (pa.attnum >= 1) and (pn.nspname in ('sales', 'public'))
order by "table-schema" asc, "table-name" asc, "database-position" asc;

-- Metabase: what may be done
with table_privileges as (
  select null as role, t.schemaname as schema, t.objectname as table,
    pg_catalog.has_any_column_privilege(current_user, '"' || replace(t.schemaname, '"', '""') || '"' || '.' || '"' || replace(t.objectname, '"', '""') || '"', 'update') as update,
    pg_catalog.has_any_column_privilege(current_user, '"' || replace(t.schemaname, '"', '""') || '"' || '.' || '"' || replace(t.objectname, '"', '""') || '"', 'select') as select,
    pg_catalog.has_any_column_privilege(current_user, '"' || replace(t.schemaname, '"', '""') || '"' || '.' || '"' || replace(t.objectname, '"', '""') || '"', 'insert') as insert,
    pg_catalog.has_table_privilege(current_user, '"' || replace(t.schemaname, '"', '""') || '"' || '.' || '"' || replace(t.objectname, '"', '""') || '"', 'delete') as delete
  from (
    select schemaname, tablename as objectname from pg_catalog.pg_tables
    union
    select schemaname, viewname as objectname from pg_catalog.pg_views
    union
    select schemaname, matviewname as objectname from pg_catalog.pg_matviews) t
  where t.schemaname !~ '^pg_' and t.schemaname <> 'information_schema'
    and pg_catalog.has_schema_privilege(current_user, t.schemaname, 'usage'))
select t.* from table_privileges t;

-- Metabase: foreign keys
select fk_ns.nspname as "fk-table-schema", fk_table.relname as "fk-table-name", fk_column.attname as "fk-column-name",
  pk_ns.nspname as "pk-table-schema", pk_table.relname as "pk-table-name", pk_column.attname as "pk-column-name"
from pg_constraint as c
inner join pg_class as fk_table on c.conrelid = fk_table.oid
inner join pg_namespace as fk_ns on c.connamespace = fk_ns.oid
inner join pg_attribute as fk_column on c.conrelid = fk_column.attrelid
inner join pg_class as pk_table on c.confrelid = pk_table.oid
inner join pg_namespace as pk_ns on pk_table.relnamespace = pk_ns.oid
inner join pg_attribute as pk_column on c.confrelid = pk_column.attrelid
where fk_ns.nspname !~ '^information_schema|catalog_history|pg_' and c.contype = 'f'
  and fk_column.attnum = any (c.conkey) and pk_column.attnum = any (c.confkey)
order by fk_ns.nspname asc, fk_table.relname asc;

-- Metabase: indexes
select tmp.table_schema as "table-schema", tmp.table_name as "table-name",
  trim(both '"' from pg_catalog.pg_get_indexdef(tmp.ci_oid, tmp.pos, false)) as "field-name"
from (
  select n.nspname as table_schema, ct.relname as table_name, ci.oid as ci_oid,
    (information_schema._pg_expandarray(i.indkey)).n as pos
  from pg_catalog.pg_class ct
  join pg_catalog.pg_namespace n on (ct.relnamespace = n.oid)
  join pg_catalog.pg_index i on (ct.oid = i.indrelid)
  join pg_catalog.pg_class ci on (ci.oid = i.indexrelid)
  where pg_catalog.pg_get_expr(i.indpred, i.indrelid) is null and n.nspname !~ '^information_schema|pg_') tmp
where tmp.pos = 1;

-- Metabase: enumerations
select nspname, typname from pg_type t join pg_namespace n on n.oid = t.typnamespace where t.oid in (select distinct enumtypid from pg_enum);

-- Superset: schemas
select nspname from pg_namespace where nspname not like 'pg_%' order by nspname;

-- Superset: databases
select count(*) > 0 as any from pg_database where datistemplate = false and datname = 'lake';

-- Superset: tables of a schema
select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'sales' and c.relkind in ('r', 'p');

-- Superset: search path
show search_path;

-- Superset: version
select substring(current_setting('server_version') from 1 for 2) as major;

-- Grafana: version
select current_setting('server_version_num')::int / 100 as version;

-- Grafana: an extension
select extversion from pg_extension where extname = 'timescaledb';

-- Grafana: tables
select
  case when quote_ident(table_schema) in (
    select case when trim(s[i]) = '"$user"' then user else trim(s[i]) end
    from generate_series(
      array_lower(string_to_array(current_setting('search_path'), ','), 1),
      array_upper(string_to_array(current_setting('search_path'), ','), 1)) as i,
      string_to_array(current_setting('search_path'), ',') s)
  then quote_ident(table_name) else quote_ident(table_schema) || '.' || quote_ident(table_name) end as "table"
from information_schema.tables
where quote_ident(table_schema) not in ('information_schema', 'pg_catalog', '_timescaledb_cache', '_timescaledb_catalog',
  '_timescaledb_internal', '_timescaledb_config', 'timescaledb_information', 'timescaledb_experimental')
order by case when quote_ident(table_schema) in (
  select case when trim(s[i]) = '"$user"' then user else trim(s[i]) end
  from generate_series(
    array_lower(string_to_array(current_setting('search_path'), ','), 1),
    array_upper(string_to_array(current_setting('search_path'), ','), 1)) as i,
    string_to_array(current_setting('search_path'), ',') s) then 0 else 1 end, 1;

-- Grafana: columns of a qualified table
select quote_ident(column_name) as "column", data_type as "type"
from information_schema.columns
where case
  when array_length(parse_ident('sales.orders'), 1) = 2 then
    quote_ident(table_schema) = (parse_ident('sales.orders'))[1] and quote_ident(table_name) = (parse_ident('sales.orders'))[2]
  else
    quote_ident(table_name) = 'sales.orders' and quote_ident(table_schema) in (
      select case when trim(s[i]) = '"$user"' then user else trim(s[i]) end
      from generate_series(
        array_lower(string_to_array(current_setting('search_path'), ','), 1),
        array_upper(string_to_array(current_setting('search_path'), ','), 1)) as i,
        string_to_array(current_setting('search_path'), ',') s)
  end;

-- Grafana: columns of a table on the path
select quote_ident(column_name) as "column", data_type as "type"
from information_schema.columns
where case
  when array_length(parse_ident('people'), 1) = 2 then
    quote_ident(table_schema) = (parse_ident('people'))[1] and quote_ident(table_name) = (parse_ident('people'))[2]
  else
    quote_ident(table_name) = 'people' and quote_ident(table_schema) in (
      select case when trim(s[i]) = '"$user"' then user else trim(s[i]) end
      from generate_series(
        array_lower(string_to_array(current_setting('search_path'), ','), 1),
        array_upper(string_to_array(current_setting('search_path'), ','), 1)) as i,
        string_to_array(current_setting('search_path'), ',') s)
  end;

-- Power BI: tables
select table_schema, table_name, table_type
from information_schema.tables
where table_schema not in ('information_schema', 'pg_catalog')
order by table_schema, table_name;

-- Power BI: columns
select column_name, ordinal_position, is_nullable,
  case when (data_type like '%unsigned%') then data_type || ' unsigned' else data_type end as data_type
from information_schema.columns
where table_schema = 'sales' and table_name = 'orders'
order by table_schema, table_name, ordinal_position;

-- Power BI: keys
select i.constraint_schema || '_' || i.constraint_name as index_name, ii.column_name, ii.ordinal_position,
  case when i.constraint_type = 'PRIMARY KEY' then 'Y' else 'N' end as primary_key
from information_schema.table_constraints i
inner join information_schema.key_column_usage ii on i.constraint_schema = ii.constraint_schema
  and i.constraint_name = ii.constraint_name and i.table_schema = ii.table_schema and i.table_name = ii.table_name
where i.table_schema = 'sales' and i.table_name = 'orders' and i.constraint_type in ('PRIMARY KEY', 'UNIQUE')
order by i.constraint_schema || '_' || i.constraint_name, ii.table_schema, ii.table_name, ii.ordinal_position;

-- Power BI: relations
select pkcol.column_name as pk_column_name, fkcol.table_schema as fk_table_schema, fkcol.table_name as fk_table_name,
  fkcol.column_name as fk_column_name, fkcol.ordinal_position as ordinal,
  fkcon.constraint_schema || '_' || fkcol.table_name || '_' || 'orders' || '_' || fkcon.constraint_name as fk_name
from (
  select distinct constraint_catalog, constraint_schema, unique_constraint_schema, constraint_name, unique_constraint_name
  from information_schema.referential_constraints) fkcon
inner join information_schema.key_column_usage fkcol on fkcon.constraint_schema = fkcol.constraint_schema
  and fkcon.constraint_name = fkcol.constraint_name
inner join information_schema.key_column_usage pkcol on fkcon.unique_constraint_schema = pkcol.constraint_schema
  and fkcon.unique_constraint_name = pkcol.constraint_name
where pkcol.table_schema = 'sales' and pkcol.table_name = 'orders' and pkcol.ordinal_position = fkcol.ordinal_position
order by fk_name, fkcol.ordinal_position;

-- Power BI: character set
select character_set_name from information_schema.character_sets;

-- Tableau: tables
select relname, nspname, relkind
from pg_catalog.pg_class c, pg_catalog.pg_namespace n
where relkind in ('r', 'v', 'm', 'f', 'p') and nspname not in ('pg_catalog', 'information_schema', 'pg_toast', 'pg_temp_1')
  and n.oid = relnamespace
order by nspname, relname;

-- Tableau: columns
select n.nspname, c.relname, a.attname, a.atttypid, t.typname, a.attnum, a.attlen, a.atttypmod, a.attnotnull, c.relhasrules,
  c.relkind, c.oid, pg_get_expr(d.adbin, d.adrelid), case t.typtype when 'd' then t.typbasetype else 0 end, t.typtypmod, 0,
  attidentity, c.relhassubclass
from (((pg_catalog.pg_class c
  inner join pg_catalog.pg_namespace n on n.oid = c.relnamespace and c.relname like 'orders' and n.nspname like 'sales')
  inner join pg_catalog.pg_attribute a on (not a.attisdropped) and a.attnum > 0 and a.attrelid = c.oid)
  inner join pg_catalog.pg_type t on t.oid = a.atttypid)
  left outer join pg_attrdef d on a.atthasdef and d.adrelid = a.attrelid and d.adnum = a.attnum
order by n.nspname, c.relname, attnum;

-- Tableau: a probe of the server
select 1;

-- Tableau: what kind of server
select current_schema() as "schema", version() like 'PostgreSQL 15%' as "is";

-- DBeaver: where it is
select current_schema(), session_user;

-- DBeaver: databases
-- without: oid, datdba, datacl, datfrozenxid, datminmxid, datcollversion, encoding, datcollate, datctype
select db.oid, db.* from pg_catalog.pg_database db where (datallowconn and not datistemplate or db.datname = 'lake') and db.datname <> 'postgres' order by db.datname;

-- DBeaver: a setting
select name, setting from pg_catalog.pg_settings where name = 'standard_conforming_strings';

-- DBeaver: words
select string_agg(word, ',') from pg_catalog.pg_get_keywords() where word <> all ('{a,abs,absolute,action}'::text[]);

-- DBeaver: schemas
-- without: oid, nspowner, nspacl, description
select n.oid, n.*, d.description
from pg_catalog.pg_namespace n
left outer join pg_catalog.pg_description d on d.objoid = n.oid and d.objsubid = 0 and d.classoid = 'pg_namespace'::regclass
order by nspname;

-- DBeaver: types
select t.oid, t.*, c.relkind, format_type(nullif(t.typbasetype, 0), t.typtypmod) as base_type_name, d.description
from pg_catalog.pg_type t
left outer join pg_catalog.pg_type et on et.oid = t.typelem
left outer join pg_catalog.pg_class c on c.oid = t.typrelid
left outer join pg_catalog.pg_description d on t.oid = d.objoid
where t.typname is not null and (c.relkind is null or c.relkind = 'c') and (et.typcategory is null or et.typcategory <> 'C')
  and t.oid in (16, 20, 21, 23, 25, 700, 701, 1043, 1082, 1114, 1184, 1700, 2950, 1007, 1009);

-- DBeaver: a type by its number
select n.nspname = any(current_schemas(true)), n.nspname, t.typname
from pg_catalog.pg_type t join pg_catalog.pg_namespace n on t.typnamespace = n.oid where t.oid = '1009';

-- DBeaver: tables of a schema
-- without: oid, reltype, relfilenode, relpages, reltuples, reltoastrelid, relfrozenxid, relminmxid, relallvisible, relowner
select c.oid, c.*, d.description, pg_catalog.pg_get_expr(c.relpartbound, c.oid) as partition_expr,
  pg_catalog.pg_get_partkeydef(c.oid) as partition_key
from pg_catalog.pg_class c
left outer join pg_catalog.pg_description d on d.objoid = c.oid and d.objsubid = 0 and d.classoid = 'pg_class'::regclass
where c.relnamespace = 'sales'::regnamespace and c.relkind not in ('i', 'I', 'c');

-- DBeaver: columns of a table
select c.relname, a.*, pg_catalog.pg_get_expr(ad.adbin, ad.adrelid, true) as def_value, dsc.description, dep.objid
from pg_catalog.pg_attribute a
inner join pg_catalog.pg_class c on (a.attrelid = c.oid)
left outer join pg_catalog.pg_attrdef ad on (a.attrelid = ad.adrelid and a.attnum = ad.adnum)
left outer join pg_catalog.pg_description dsc on (c.oid = dsc.objoid and a.attnum = dsc.objsubid)
left outer join pg_depend dep on dep.refobjid = a.attrelid and dep.deptype = 'i' and dep.refobjsubid = a.attnum and dep.classid = dep.refclassid
where not a.attisdropped and c.relkind not in ('i', 'I', 'c') and a.attnum > 0 and c.oid = 'sales.orders'::regclass
order by a.attnum;

-- DBeaver: constraints
select c.oid, c.*, t.relname as tabrelname, rt.relnamespace as refnamespace, d.description, null as consrc_copy
from pg_catalog.pg_constraint c
inner join pg_catalog.pg_class t on t.oid = c.conrelid
left outer join pg_catalog.pg_class rt on rt.oid = c.confrelid
left outer join pg_catalog.pg_description d on d.objoid = c.oid and d.objsubid = 0 and d.classoid = 'pg_constraint'::regclass
where c.conrelid = 'sales.orders'::regclass
order by c.oid;

-- DBeaver: indexes
select i.*, i.indkey as keys, c.relname, c.relnamespace, c.relam, c.reltablespace, tc.relname as tabrelname, dsc.description,
  pg_catalog.pg_get_expr(i.indpred, i.indrelid) as pred_expr, pg_catalog.pg_get_expr(i.indexprs, i.indrelid, true) as expr,
  pg_catalog.pg_relation_size(i.indexrelid) as index_rel_size, pg_catalog.pg_stat_get_numscans(i.indexrelid) as index_num_scans
from pg_catalog.pg_index i
inner join pg_catalog.pg_class c on c.oid = i.indexrelid
inner join pg_catalog.pg_class tc on tc.oid = i.indrelid
left outer join pg_catalog.pg_description dsc on i.indexrelid = dsc.objoid
where i.indrelid = 'sales.orders'::regclass
order by tabrelname, c.relname;

-- DBeaver: sequences, triggers, policies, rules
select (select count(*) from pg_catalog.pg_sequence) as sequences,
  (select count(*) from pg_catalog.pg_trigger) as triggers,
  (select count(*) from pg_catalog.pg_policy) as policies,
  (select count(*) from pg_catalog.pg_foreign_server) as servers,
  (select count(*) from pg_catalog.pg_event_trigger) as event_triggers;

-- DBeaver: functions of a schema
select p.oid as poid, p.proname, pg_catalog.pg_get_expr(p.proargdefaults, 0) as arg_defaults, d.description
from pg_catalog.pg_proc p
left outer join pg_catalog.pg_description d on d.objoid = p.oid and d.objsubid = 0
where p.pronamespace = 'sales'::regnamespace
order by p.proname;

-- DBeaver: tablespaces
select t.oid, t.*, pg_tablespace_location(t.oid) loc from pg_catalog.pg_tablespace t order by t.oid;

-- DBeaver: roles
-- without: oid
select a.oid, a.* from pg_catalog.pg_roles a where a.rolname = 'lake' order by a.rolname;

-- DBeaver: access methods
select am.oid, am.* from pg_catalog.pg_am am order by am.oid;

-- DBeaver: languages
select l.oid, l.* from pg_catalog.pg_language l order by l.oid;

-- DBeaver: sizes
select c.relname, pg_catalog.pg_total_relation_size(c.oid) >= 0 as total, pg_catalog.pg_relation_size(c.oid) >= 0 as size
from pg_class c where c.relnamespace = 'sales'::regnamespace and c.relkind in ('r', 'v');

-- DBeaver: what a view says
select pg_catalog.pg_get_viewdef('sales.cheap'::regclass, true) ~ 'sales.orders' as "from orders";

-- DBeaver: sessions
select count(*) > 0 as some from pg_catalog.pg_stat_activity sa where sa.datname = 'lake' and sa.pid = pg_backend_pid();

-- Hibernate and Flyway: tables
select exists (
  select 1 from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  where n.nspname = 'sales' and c.relname = 'orders' and c.relkind in ('r', 'p', 'v', 'm', 'f'));

-- Flyway: who and where
select current_user, current_schema, pg_catalog.set_config('search_path', 'sales', true);

-- Django: tables
select c.relname,
  case when c.relispartition then 'p' when c.relkind in ('m', 'v') then 'v' else 't' end,
  obj_description(c.oid, 'pg_class')
from pg_catalog.pg_class c
left join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('f', 'm', 'p', 'r', 'v') and n.nspname not in ('pg_catalog', 'pg_toast') and pg_catalog.pg_table_is_visible(c.oid);

-- Django: columns
select a.attname as column_name, not (a.attnotnull or (t.typtype = 'd' and t.typnotnull)) as is_nullable,
  pg_get_expr(ad.adbin, ad.adrelid) as column_default,
  case when collname = 'default' then null else collname end as collation, a.attidentity != '' as is_autofield,
  col_description(a.attrelid, a.attnum) as column_comment
from pg_attribute a
left join pg_attrdef ad on a.attrelid = ad.adrelid and a.attnum = ad.adnum
left join pg_collation co on a.attcollation = co.oid
join pg_type t on a.atttypid = t.oid
join pg_class c on a.attrelid = c.oid
join pg_namespace n on c.relnamespace = n.oid
where c.relkind in ('f', 'm', 'p', 'r', 'v') and c.relname = 'people' and n.nspname not in ('pg_catalog', 'pg_toast')
  and pg_catalog.pg_table_is_visible(c.oid);

-- Rails: columns
select a.attname, format_type(a.atttypid, a.atttypmod), pg_get_expr(d.adbin, d.adrelid), a.attnotnull, a.atttypid, a.atttypmod,
  c.collname, col_description(a.attrelid, a.attnum) as comment, attidentity as identity, attgenerated as attgenerated
from pg_attribute a
left join pg_attrdef d on a.attrelid = d.adrelid and a.attnum = d.adnum
left join pg_type t on a.atttypid = t.oid
left join pg_collation c on a.attcollation = c.oid and a.attcollation <> t.typcollation
where a.attrelid = '"sales"."orders"'::regclass and a.attnum > 0 and not a.attisdropped
order by a.attnum;

-- Rails: types
select t.oid, t.typname, t.typelem, t.typdelim, t.typinput, r.rngsubtype, t.typtype, t.typbasetype
from pg_type as t left join pg_range as r on oid = rngtypid
where t.typname in ('int2', 'int4', 'int8', 'oid', 'float4', 'float8', 'numeric', 'bool', 'timestamp', 'timestamptz', 'date', 'text', 'varchar')
  or t.typtype in ('r', 'm', 'd');

-- pgAdmin: databases
select db.datname, pg_catalog.has_database_privilege(db.oid, 'connect') as cancon, pg_catalog.has_database_privilege(db.oid, 'create') as cancreate
from pg_catalog.pg_database db where db.datname = 'lake';

-- pgAdmin: a table
select rel.oid, rel.relname, (select count(*) from pg_catalog.pg_trigger where tgrelid = rel.oid and tgisinternal = false) as triggercount,
  (select count(*) from pg_catalog.pg_inherits where inhrelid = rel.oid limit 1) as is_inherits
from pg_catalog.pg_class rel
where rel.relkind in ('r', 's', 't', 'p') and rel.relnamespace = 'sales'::regnamespace and not rel.relispartition
order by rel.relname;
