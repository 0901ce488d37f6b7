"""asyncpg and psycopg on smelt serve and a PostgreSQL 15: types that they look up in the catalogue, arrays, pools."""

import asyncio
import datetime
import unittest

import asyncpg
import psycopg
from lake_and_postgres import LakeAndPostgresTest, settled
from psycopg import types

# Statements and values for their parameters.
QUESTIONS = [
    ("select order_id from sales.orders where order_id = any($1::bigint[]) order by 1", [[1, 2, 9]]),
    ("select order_id from sales.orders where day = any($1::date[])", [[datetime.date(2024, 2, 29)]]),
    ("select name from people where name = any($1::text[]) order by 1", [["Ana", "Eva"]]),
    ("select * from sales.orders where order_id = $1", [1]),
    ("select name from people where name like $1 or name ilike $2::varchar order by 1", ["A\\na", "ru%"]),
    ("select order_id from sales.orders where customer ~ $1 and customer !~* $2 order by customer desc", ["^A", "x"]),
    ("select tags, sizes from sales.orders where order_id = $1", [1]),
    ("select $1::int[] as a, $2::text[] as b, $3::numeric[] as c, $4::boolean[] as d", [[1, None], ["x,y", '"'], [], [True]]),
    ("select oid, relname, relkind, relnamespace from pg_class where relname = $1", ["pg_type"]),
    ("select attnum, attname, atttypid::regtype::text as type from pg_attribute where attrelid = 'sales.orders'::regclass and attnum > 0 order by 1", []),
    ("select array_agg(typname order by typname) as names from pg_type where oid = any($1::oid[])", [[23, 25]]),
    ("select t.oid from pg_type t where t.typname = $1 union select 16::oid order by 1", ["int4"]),
    ("with recursive up(oid, depth) as (select 1007::oid, 0 union all select t.typelem, depth + 1 from pg_type t join up on t.oid = up.oid "
     "where t.typelem <> 0) select oid, depth from up order by 2", []),
    ("select proname, proargtypes, prorettype from pg_proc where proname = 'array_in'", []),
    ("select typname, typinput, typreceive, typlen, typcategory, typdelim from pg_type where oid = 1007", []),
]  # fmt: skip


class PythonDriversTest(LakeAndPostgresTest):
    def with_asyncpg(self, work):
        """What a coroutine of a connection gives, from both servers."""

        def run(url):
            async def connected():
                connection = await asyncpg.connect(url)
                try:
                    return settled(await work(connection))
                finally:
                    await connection.close()

            return asyncio.run(connected())

        return self.assert_same(run)

    def test_prepared_statements_have_the_same_types_and_rows(self):
        for text, values in QUESTIONS:
            with self.subTest(text=text):

                async def asked(connection, text=text, values=values):
                    statement = await connection.prepare(text)
                    parameters = [kind.name for kind in statement.get_parameters()]
                    columns = [(column.name, column.type.name, column.type.kind) for column in statement.get_attributes()]
                    return parameters, columns, [tuple(row) for row in await statement.fetch(*values)]

                self.with_asyncpg(asked)

    def test_types_are_looked_up(self):
        async def looked_up(connection):
            rows, _ = await connection._introspect_types([1007, 1009, 1231, 2951, 3807, 1186], TIMEOUT_S)
            kept = ("oid", "ns", "name", "kind", "basetype", "elemtype", "elemdelim", "range_subtype", "attrtypoids", "attrnames")
            return sorted([row[name] for name in kept] for row in rows)

        self.assertTrue(self.with_asyncpg(looked_up))

    def test_codecs_are_set_by_name_and_a_connection_is_reset(self):
        async def changed(connection):
            await connection.set_type_codec("json", schema="pg_catalog", encoder=str, decoder=len)
            length = await connection.fetchval("""select '{"a": 1}'::json""")
            await connection.execute("set application_name = 'x'")
            await connection.reset()
            await connection.reload_schema_state()
            return length, await connection.fetchval("show application_name")

        self.with_asyncpg(changed)

    def test_a_statement_gives_what_it_promised(self):
        async def asked(connection):
            statement = await connection.prepare("select x, x::text as t from unnest($1::int[]) u(x)")
            told = [(column.name, column.type.name) for column in statement.get_attributes()]
            return told, [list(row) for row in await statement.fetch([3, 4])]

        self.assertEqual(self.with_asyncpg(asked)[1], [[3, "3"], [4, "4"]])

    def test_a_statement_whose_table_changed_is_refused(self):
        async def changed(connection):
            await connection.execute("create table promised (a int)")
            statement = await connection.prepare("select * from promised")
            change = await connection.prepare("insert into promised (a) values ($1) returning *")
            before = await statement.fetch()
            await connection.execute("alter table promised add column b int")
            with self.assertRaises(asyncpg.FeatureNotSupportedError) as refused:
                await statement.fetch()
            with self.assertRaises(asyncpg.FeatureNotSupportedError):
                await change.fetch(1)
            again = await connection.fetch("select * from promised")  # nothing was inserted
            await connection.execute("drop table promised")
            return len(before), len(again), refused.exception.sqlstate, str(refused.exception)

        self.with_asyncpg(changed)

    def test_a_pool_works(self):
        async def pooled(url):
            async with asyncpg.create_pool(url, min_size=1, max_size=3) as pool:
                asked = [pool.fetchval("select sum(x) from unnest($1::int[]) t(x)", list(range(n))) for n in range(2, 12)]
                return await asyncio.gather(*asked)

        self.assert_same(lambda url: asyncio.run(pooled(url)))

    def test_psycopg_finds_types_by_name(self):
        def found(url):
            with psycopg.connect(url) as connection:
                infos = [types.TypeInfo.fetch(connection, name) for name in ("text", "int4", "timestamptz", "numeric", "nothing")]
                infos.append(types.range.RangeInfo.fetch(connection, "int4range"))
                infos.append(types.multirange.MultirangeInfo.fetch(connection, "int4multirange"))
                infos.append(types.enum.EnumInfo.fetch(connection, "text"))
                infos.append(types.composite.CompositeInfo.fetch(connection, "text"))
                return [info and {name: value for name, value in vars(info).items() if isinstance(value, (int, str))} for info in infos]

        self.assert_same(found)

    def test_transactions_are_nested(self):
        def worked(url):
            with psycopg.connect(url) as connection:
                with connection.transaction():
                    with self.assertRaises(psycopg.errors.UndefinedTable), connection.transaction():
                        connection.execute("select * from nowhere")
                    with connection.transaction():
                        connection.execute("insert into people values ('Bea', null)")
                    with connection.transaction():
                        count = connection.execute("select count(*) from people").fetchone()
                    raise psycopg.Rollback
                return count, connection.execute("select count(*) from people").fetchone()

        self.assertEqual(self.assert_same(worked), ((3,), (2,)))

    def test_psycopg_streams_pipelines_and_named_cursors(self):
        def worked(url):
            with psycopg.connect(url) as connection:
                with connection.cursor("rows") as cursor:
                    cursor.execute("select i from generate_series(1, 30) t(i)")
                    cursor.itersize = 7
                    named = [row[0] for row in cursor]
                with connection.pipeline():
                    cursors = [connection.execute("select %s::int + 1", [n]) for n in range(5)]
                    piped = [cursor.fetchone()[0] for cursor in cursors]
                streamed = list(connection.cursor().stream("select i, i % 2 = 0 from generate_series(1, 5) t(i)"))
                many = connection.cursor()
                many.executemany("select %s::text", [["a"], ["b"]], returning=True)
                several = [many.fetchone()]
                while many.nextset():
                    several.append(many.fetchone())
                return named, piped, streamed, several

        self.assert_same(worked)


TIMEOUT_S = 60

if __name__ == "__main__":
    unittest.main()
