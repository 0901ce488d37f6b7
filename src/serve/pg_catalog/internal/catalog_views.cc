#include "serve/pg_catalog/internal/catalog_views.h"

namespace smelt::serve::pg_catalog {
namespace {

constexpr std::string_view kCatalogViews = R"(
view pg_type
oid = t.oid
typname = t.typname
typnamespace = t.typnamespace
typowner = 10
typlen = t.typlen
typbyval = t.typbyval
typtype = t.typtype
typcategory = t.typcategory
typispreferred = t.typispreferred
typisdefined = true
typdelim = t.typdelim
typrelid = 0
typsubscript = t.typsubscript
typelem = t.typelem
typarray = t.typarray
typinput = t.typinput
typoutput = t.typoutput
typreceive = t.typreceive
typsend = t.typsend
typmodin = t.typmodin
typmodout = t.typmodout
typanalyze = t.typanalyze
typalign = t.typalign
typstorage = t.typstorage
typnotnull = t.typnotnull
typbasetype = t.typbasetype
typtypmod = t.typtypmod
typndims = 0
typcollation = t.typcollation
from pgc.smelt_types t

view pg_roles
rolname = r.rolname
rolsuper = r.rolsuper
rolinherit = r.rolinherit
rolcreaterole = r.rolcreaterole
rolcreatedb = r.rolcreatedb
rolcanlogin = r.rolcanlogin
rolreplication = r.rolreplication
rolconnlimit = r.rolconnlimit
rolpassword = '********'
rolbypassrls = r.rolbypassrls
oid = r.oid
from pgc.pg_authid r

view pg_user
usename = r.rolname
usesysid = r.oid
usecreatedb = r.rolcreatedb
usesuper = r.rolsuper
userepl = r.rolreplication
usebypassrls = r.rolbypassrls
passwd = '********'
from pgc.pg_authid r where r.rolcanlogin

view pg_shadow
usename = r.rolname
usesysid = r.oid
usecreatedb = r.rolcreatedb
usesuper = r.rolsuper
userepl = r.rolreplication
usebypassrls = r.rolbypassrls
from pgc.pg_authid r where r.rolcanlogin

view pg_tables
schemaname = n.nspname
tablename = c.relname
tableowner = 'lake'
hasindexes = c.relhasindex
hasrules = c.relhasrules
hastriggers = c.relhastriggers
rowsecurity = c.relrowsecurity
from pgc.pg_class c join pgc.pg_namespace n on n.oid = c.relnamespace where c.relkind in ('r', 'p')

view pg_views
schemaname = n.nspname
viewname = c.relname
viewowner = 'lake'
definition = v.definition
from pgc.pg_class c join pgc.pg_namespace n on n.oid = c.relnamespace left join pgc.smelt_views v on v.oid = c.oid where c.relkind = 'v'

view pg_settings
name = s.value.name
setting = s.value.setting
category = 'Client Connection Defaults'
short_desc = ''
context = 'user'
vartype = 'string'
source = 'default'
boot_val = s.value.setting
reset_val = s.value.setting
pending_restart = false
from (select unnest(map_values(getvariable('pg_settings'))) as value) s

view pg_stat_activity
datid = 16384
datname = 'lake'
pid = getvariable('pg_pid')
usesysid = (select r.oid from pgc.pg_authid r where r.rolname = getvariable('pg_user'))
usename = getvariable('pg_user')
application_name = getvariable('pg_application')
client_addr = getvariable('pg_address')
state = 'active'
backend_type = 'client backend'
from (select 1) one

view pg_stat_all_tables
relid = c.oid
schemaname = n.nspname
relname = c.relname
seq_scan = 0
seq_tup_read = 0
n_tup_ins = 0
n_tup_upd = 0
n_tup_del = 0
n_tup_hot_upd = 0
n_live_tup = coalesce(s.rows, 0)
n_dead_tup = 0
n_mod_since_analyze = 0
n_ins_since_vacuum = 0
vacuum_count = 0
autovacuum_count = 0
analyze_count = 0
autoanalyze_count = 0
from pgc.pg_class c join pgc.pg_namespace n on n.oid = c.relnamespace left join pgc.smelt_sizes s on s.oid = c.oid where c.relkind = 'r'

view pg_stat_user_tables
relid = c.oid
schemaname = n.nspname
relname = c.relname
seq_scan = 0
seq_tup_read = 0
n_tup_ins = 0
n_tup_upd = 0
n_tup_del = 0
n_tup_hot_upd = 0
n_live_tup = coalesce(s.rows, 0)
n_dead_tup = 0
n_mod_since_analyze = 0
n_ins_since_vacuum = 0
vacuum_count = 0
autovacuum_count = 0
analyze_count = 0
autoanalyze_count = 0
from pgc.pg_class c join pgc.pg_namespace n on n.oid = c.relnamespace left join pgc.smelt_sizes s on s.oid = c.oid where c.relkind = 'r' and c.oid >= 16384

view pg_statio_user_tables
relid = c.oid
schemaname = n.nspname
relname = c.relname
heap_blks_read = 0
heap_blks_hit = 0
from pgc.pg_class c join pgc.pg_namespace n on n.oid = c.relnamespace where c.relkind = 'r' and c.oid >= 16384

view pg_stat_database
datid = d.oid
datname = d.datname
numbackends = 1
from pgc.pg_database d

view pg_stat_gssapi
pid = getvariable('pg_pid')
gss_authenticated = false
encrypted = false
from (select 1) one

view pg_timezone_names
name = z.name
abbrev = z.abbrev
utc_offset = z.utc_offset
is_dst = z.is_dst
from (select name, abbrev, utc_offset, is_dst from pg_timezone_names()) z

)";

constexpr std::string_view kInformationViews = R"(
view information_schema_catalog_name
catalog_name = 'lake'
from (select 1) one

view schemata
catalog_name = 'lake'
schema_name = n.nspname
schema_owner = 'lake'
from pgc.pg_namespace n

view tables
table_catalog = 'lake'
table_schema = n.nspname
table_name = c.relname
table_type = CASE c.relkind WHEN 'v' THEN 'VIEW' ELSE 'BASE TABLE' END
is_insertable_into = CASE c.relkind WHEN 'v' THEN 'NO' ELSE 'YES' END
is_typed = 'NO'
from pgc.pg_class c join pgc.pg_namespace n on n.oid = c.relnamespace where c.relkind in ('r', 'v')

view views
table_catalog = 'lake'
table_schema = n.nspname
table_name = c.relname
view_definition = v.definition
check_option = 'NONE'
is_updatable = 'NO'
is_insertable_into = 'NO'
is_trigger_updatable = 'NO'
is_trigger_deletable = 'NO'
is_trigger_insertable_into = 'NO'
from pgc.pg_class c join pgc.pg_namespace n on n.oid = c.relnamespace left join pgc.smelt_views v on v.oid = c.oid where c.relkind = 'v'

view columns
table_catalog = 'lake'
table_schema = n.nspname
table_name = c.relname
column_name = a.attname
ordinal_position = a.attnum
column_default = d.adbin
is_nullable = CASE WHEN a.attnotnull THEN 'NO' ELSE 'YES' END
data_type = CASE WHEN b.typelem <> 0 AND b.typlen = -1 THEN 'ARRAY' WHEN b.format = '' THEN b.typname ELSE b.format END
character_octet_length = CASE WHEN b.oid IN (25, 1043) THEN 1073741824 END
numeric_precision = CASE b.oid WHEN 21 THEN 16 WHEN 23 THEN 32 WHEN 20 THEN 64 WHEN 700 THEN 24 WHEN 701 THEN 53 WHEN 1700 THEN CASE WHEN a.atttypmod >= 4 THEN (a.atttypmod - 4) >> 16 END END
numeric_precision_radix = CASE WHEN b.oid IN (21, 23, 20, 700, 701) THEN 2 WHEN b.oid = 1700 THEN 10 END
numeric_scale = CASE WHEN b.oid IN (21, 23, 20) THEN 0 WHEN b.oid = 1700 AND a.atttypmod >= 4 THEN (a.atttypmod - 4) & 65535 END
datetime_precision = CASE WHEN b.oid = 1082 THEN 0 WHEN b.oid IN (1083, 1114, 1184, 1186, 1266) THEN 6 END
collation_catalog = CASE WHEN a.attcollation NOT IN (0, 100) THEN 'lake' END
collation_schema = CASE WHEN a.attcollation NOT IN (0, 100) THEN 'pg_catalog' END
collation_name = CASE a.attcollation WHEN 950 THEN 'C' END
domain_catalog = CASE WHEN t.typtype = 'd' THEN 'lake' END
domain_schema = CASE WHEN t.typtype = 'd' THEN 'information_schema' END
domain_name = CASE WHEN t.typtype = 'd' THEN t.typname END
udt_catalog = 'lake'
udt_schema = 'pg_catalog'
udt_name = b.typname
dtd_identifier = a.attnum::VARCHAR
is_self_referencing = 'NO'
is_identity = 'NO'
identity_cycle = 'NO'
is_generated = 'NEVER'
is_updatable = CASE c.relkind WHEN 'r' THEN 'YES' ELSE 'NO' END
from pgc.pg_attribute a join pgc.pg_class c on c.oid = a.attrelid join pgc.pg_namespace n on n.oid = c.relnamespace join pgc.smelt_types t on t.oid = a.atttypid join pgc.smelt_types b on b.oid = CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE t.oid END left join pgc.pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum where a.attnum > 0 and not a.attisdropped and c.relkind in ('r', 'v')

view element_types
object_catalog = 'lake'
object_schema = n.nspname
object_name = c.relname
object_type = CASE c.relkind WHEN 'v' THEN 'VIEW' ELSE 'TABLE' END
collection_type_identifier = a.attnum::VARCHAR
data_type = CASE WHEN e.format = '' THEN e.typname ELSE e.format END
udt_catalog = 'lake'
udt_schema = 'pg_catalog'
udt_name = e.typname
dtd_identifier = 'a' || a.attnum
from pgc.pg_attribute a join pgc.pg_class c on c.oid = a.attrelid join pgc.pg_namespace n on n.oid = c.relnamespace join pgc.smelt_types t on t.oid = a.atttypid join pgc.smelt_types e on e.oid = t.typelem where a.attnum > 0 and t.typlen = -1

view table_constraints
constraint_catalog = 'lake'
constraint_schema = n.nspname
constraint_name = n.oid || '_' || c.oid || '_' || a.attnum || '_not_null'
table_catalog = 'lake'
table_schema = n.nspname
table_name = c.relname
constraint_type = 'CHECK'
is_deferrable = 'NO'
initially_deferred = 'NO'
enforced = 'YES'
from pgc.pg_attribute a join pgc.pg_class c on c.oid = a.attrelid join pgc.pg_namespace n on n.oid = c.relnamespace where a.attnum > 0 and a.attnotnull and c.relkind = 'r'

view check_constraints
constraint_catalog = 'lake'
constraint_schema = n.nspname
constraint_name = n.oid || '_' || c.oid || '_' || a.attnum || '_not_null'
check_clause = a.attname || ' IS NOT NULL'
from pgc.pg_attribute a join pgc.pg_class c on c.oid = a.attrelid join pgc.pg_namespace n on n.oid = c.relnamespace where a.attnum > 0 and a.attnotnull and c.relkind = 'r'

view table_privileges
grantor = 'lake'
grantee = getvariable('pg_user')
table_catalog = 'lake'
table_schema = n.nspname
table_name = c.relname
privilege_type = p.privilege_type
is_grantable = 'NO'
with_hierarchy = 'YES'
from pgc.pg_class c join pgc.pg_namespace n on n.oid = c.relnamespace cross join pgc.smelt_rights() p where c.relkind in ('r', 'v')

view role_table_grants
grantor = 'lake'
grantee = getvariable('pg_user')
table_catalog = 'lake'
table_schema = n.nspname
table_name = c.relname
privilege_type = p.privilege_type
is_grantable = 'NO'
with_hierarchy = 'YES'
from pgc.pg_class c join pgc.pg_namespace n on n.oid = c.relnamespace cross join pgc.smelt_rights() p where c.relkind in ('r', 'v')

view column_privileges
grantor = 'lake'
grantee = getvariable('pg_user')
table_catalog = 'lake'
table_schema = n.nspname
table_name = c.relname
column_name = a.attname
privilege_type = 'SELECT'
is_grantable = 'NO'
from pgc.pg_attribute a join pgc.pg_class c on c.oid = a.attrelid join pgc.pg_namespace n on n.oid = c.relnamespace where a.attnum > 0 and c.relkind in ('r', 'v')

view character_sets
character_set_name = 'UTF8'
character_repertoire = 'UCS'
form_of_use = 'UTF8'
default_collate_catalog = 'lake'
default_collate_schema = 'pg_catalog'
default_collate_name = 'C'
from (select 1) one

view enabled_roles
role_name = getvariable('pg_user')
from (select 1) one

)";

}  // namespace

std::string_view CatalogViews() {
  return kCatalogViews;
}

std::string_view InformationViews() {
  return kInformationViews;
}

}  // namespace smelt::serve::pg_catalog
