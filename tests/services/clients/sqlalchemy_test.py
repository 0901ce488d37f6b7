"""SQLAlchemy's inspector over psycopg and psycopg2, as pandas and Superset use it, sees a lake as it sees a PostgreSQL 15."""

import unittest

import sqlalchemy
from lake_and_postgres import LakeAndPostgresTest, settled

DRIVERS = ["psycopg", "psycopg2"]


def shown(found):
    """What an inspector found, with types as they are written."""
    if isinstance(found, dict):
        return {str(name): shown(value) for name, value in found.items()}
    if isinstance(found, (list, tuple, set)):
        return [shown(value) for value in found]
    return repr(found) if isinstance(found, sqlalchemy.types.TypeEngine) else settled(found)


class SqlAlchemyTest(LakeAndPostgresTest):
    def same(self, ask):
        for driver in DRIVERS:

            def of(url, driver=driver):
                engine = sqlalchemy.create_engine(url.replace("postgresql", f"postgresql+{driver}"))
                try:
                    return shown(ask(engine))
                finally:
                    engine.dispose()

            with self.subTest(driver=driver):
                answer = self.assert_same(of)
        return answer

    def inspected(self, ask):
        return self.same(lambda engine: ask(sqlalchemy.inspect(engine)))

    def test_names(self):
        self.inspected(lambda inspector: inspector.default_schema_name)
        self.assertIn("sales", self.inspected(lambda inspector: sorted(inspector.get_schema_names())))
        for schema in (None, "sales", "public", "nowhere"):
            self.inspected(lambda inspector, schema=schema: sorted(inspector.get_table_names(schema)))
            self.inspected(lambda inspector, schema=schema: sorted(inspector.get_view_names(schema)))
            self.inspected(lambda inspector, schema=schema: sorted(inspector.get_materialized_view_names(schema)))
            self.inspected(lambda inspector, schema=schema: sorted(inspector.get_sequence_names(schema)))
            self.inspected(lambda inspector, schema=schema: inspector.get_enums(schema))
            self.inspected(lambda inspector, schema=schema: inspector.get_domains(schema))

    def test_tables(self):
        for table, schema in (("orders", "sales"), ("cheap", "sales"), ("people", None), ("nowhere", None), ("orders", None)):
            self.inspected(lambda inspector, table=table, schema=schema: inspector.has_table(table, schema))
        for table, schema in (("orders", "sales"), ("cheap", "sales"), ("people", None), ("people", "public")):
            for what in ("columns", "pk_constraint", "foreign_keys", "indexes", "unique_constraints", "check_constraints",
                         "table_comment", "table_options"):  # fmt: skip
                with self.subTest(table=table, what=what):
                    self.inspected(lambda inspector, w=what, t=table, s=schema: getattr(inspector, "get_" + w)(t, schema=s))
        for what in ("columns", "pk_constraint", "foreign_keys", "indexes", "table_comment"):
            self.inspected(lambda inspector, what=what: getattr(inspector, "get_multi_" + what)(schema="sales"))
        self.inspected(lambda inspector: type(inspector.get_view_definition("cheap", "sales")).__name__)

    def test_whole_schemas_are_reflected_and_queried(self):
        def reflected(engine):
            data = sqlalchemy.MetaData()
            data.reflect(engine, schema="sales", views=True)
            orders = data.tables["sales.orders"]
            with engine.connect() as connection:
                total = sqlalchemy.func.sum(orders.c.price).label("total")
                rows = connection.execute(sqlalchemy.select(orders.c.paid, total).group_by(orders.c.paid).order_by("total")).all()
                some = connection.execute(sqlalchemy.select(orders).where(orders.c.order_id.in_([1, 5]))).mappings().all()
            return sorted(data.tables), [tuple(row) for row in rows], [dict(row) for row in some]

        self.same(reflected)

    def test_a_missing_table_is_refused_with_the_same_error(self):
        def failed(engine):
            with engine.connect() as connection, self.assertRaises(sqlalchemy.exc.ProgrammingError) as refused:
                connection.execute(sqlalchemy.text("select * from nowhere"))
            original = refused.exception.orig
            return getattr(original, "sqlstate", None) or original.pgcode, type(original).__name__

        self.same(failed)


if __name__ == "__main__":
    unittest.main()
