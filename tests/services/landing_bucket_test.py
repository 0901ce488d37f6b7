"""projects/landing with its zones in a bucket: objects arrive, are loaded and moved; the tables are those of files in a folder.

Runs within `tools/services/versitygw.sh run`, which sets the server's address and keys.
"""

import json
import unittest

import s3_server
from landing_files import change, copy_of_the_project, drops, expected_rows, is_broken, rows_there
from smelt_program import LakeTest, environment, query, smelt, smelt_ok, versions

BUCKET = "smelt-landing"


class LandingBucketTest(LakeTest):
    maxDiff = None

    def setUp(self):
        super().setUp()
        self.project = copy_of_the_project(self.folder / "project")
        source = self.project / "sources/landing.yml"
        change(source, "location: raw", f"location: s3://{BUCKET}/raw")
        change(source, "archive: archive", f"archive: s3://{BUCKET}/archive")
        change(source, "rejected: rejected", f"rejected: s3://{BUCKET}/rejected")
        self.server = s3_server.connect(BUCKET)
        self.addCleanup(self.delete_objects)

    def delete_objects(self):
        for path in s3_server.files(self.server, BUCKET):
            self.server.delete_file(path)

    def upload(self, name, data):
        with self.server.open_output_stream(f"{BUCKET}/raw/{name}") as stream:
            stream.write(data)

    def names_in(self, zone):
        return sorted(path.rsplit("/", 1)[1] for path in s3_server.files(self.server, f"{BUCKET}/{zone}"))

    def ingest(self, *options):
        return smelt_ok("ingest", "--project-dir", self.project, "--lake", self.lake, *options)

    def test_objects_are_loaded_and_moved_once(self):
        files = sorted(drops().glob("*.csv"))
        for path in files:
            self.upload(path.name, path.read_bytes())
        self.upload(".hidden.csv", b"order_id\n")
        self.ingest()
        self.assertEqual(rows_there(self.lake), expected_rows(self.lake, drops()))
        broken = sorted(path.name for path in files if is_broken(path))
        self.assertEqual(self.names_in("raw"), [".hidden.csv"])
        self.assertEqual(self.names_in("archive"), sorted(path.name for path in files if path.name not in broken))
        self.assertEqual(self.names_in("rejected"), sorted(broken + [f"{name}.reason.json" for name in broken]))
        for name in broken:
            (path,) = [path for path in s3_server.files(self.server, f"{BUCKET}/rejected") if path.endswith(f"/{name}.reason.json")]
            with self.server.open_input_stream(path) as stream:
                self.assertIn("updated_at", json.loads(stream.read())["message"])

        # Known content, under a name that the archive has, and under another one.
        before = versions(self.lake)
        again = next(path for path in files if path.name not in broken and "_again" not in path.name)
        self.upload(again.name, again.read_bytes())
        self.upload("other_" + again.name, again.read_bytes())
        smelt_ok("ingest", "--project-dir", self.project, "--lake", self.lake)
        self.assertEqual(versions(self.lake), before)
        self.assertEqual(self.names_in("raw"), [".hidden.csv", "other_" + again.name])  # which no table takes
        self.assertEqual(self.names_in("archive").count(again.name), 1)

        # Another content under the same name: the archive keeps both.
        orders = next(path for path in files if path.name.startswith("orders_") and path.name not in broken)
        lines = orders.read_text(encoding="utf-8").splitlines(keepends=True)
        self.upload(orders.name, "".join(lines[:2]).encode())
        self.ingest()
        kept = [name for name in self.names_in("archive") if name.startswith(orders.stem)]
        self.assertGreaterEqual(len(kept), 2)

        # A replay of the archive, which leaves it as it is.
        archived = self.names_in("archive")
        rebuilt = self.folder / "rebuilt"
        smelt_ok("ingest", "--project-dir", self.project, "--lake", rebuilt, "--data", f"s3://{BUCKET}/archive")
        self.assertEqual(rows_there(rebuilt), rows_there(self.lake))
        self.assertEqual(self.names_in("archive"), archived)

    def test_rows_are_released_by_the_headers_of_archived_objects(self):
        # Of one name and day, each with its columns in an order of its own; departments are not where they are checked.
        header = ["product_id", "product_name", "department_id", "department", "price", "updated_at"]
        values = ["P000001", "Pears", "Produce", "Produce", "1.00", "2025-03-01T10:00:00Z"]
        for i, order in enumerate([[5, 4, 3, 2, 1, 0], [1, 0, 5, 2, 3, 4]]):
            values[0] = f"P00000{i}"
            lines = [",".join(fields[at] for at in order) for fields in (header, values)]
            self.upload("products_2025-03-01_001.csv", "\n".join([*lines, ""]).encode())
            self.ingest("--table", "products")
        self.assertEqual(len(self.names_in("archive")), 2)
        change(self.project / "sources/landing.yml", "D[0-9]{2}", "[A-Za-z0-9]+")
        release = ("quarantine", "release", "products", "--project-dir", self.project, "--lake", self.lake)
        denied = smelt(*release, env=environment() | {"AWS_SECRET_ACCESS_KEY": "wrong"})
        self.assertNotEqual(denied.returncode, 0)
        self.assertNotIn("the file is gone", denied.stdout)
        temporary = self.folder / "temporary"
        temporary.mkdir()
        released = smelt_ok(*release, env=environment() | {"TMPDIR": str(temporary)})
        self.assertIn("2 rows released to processed.products, 0 kept", released.stdout)
        rows = query(self.lake, "select product_id, product_name, department_id from processed.products order by 1")
        expected = [{"product_id": f"P00000{i}", "product_name": "Pears", "department_id": "Produce"} for i in (0, 1)]
        self.assertEqual(rows, expected)
        self.assertEqual(len(self.names_in("archive")), 2, "a release leaves the archive as it is")
        self.assertEqual(list(temporary.iterdir()), [])

    def test_mistakes_are_told(self):
        wrong = environment() | {"AWS_SECRET_ACCESS_KEY": "wrong"}
        denied = smelt("ingest", "--project-dir", self.project, "--lake", self.lake, env=wrong)
        self.assertIn("the source 'landing'", denied.stderr)
        change(self.project / "sources/landing.yml", f"archive: s3://{BUCKET}/archive", "archive: archive")
        refused = smelt("ingest", "--project-dir", self.project, "--lake", self.lake)
        self.assertEqual(refused.returncode, 2)
        self.assertIn("their zone is", refused.stderr)

    def test_large_objects_come_in_pieces(self):
        header = "product_id,product_name,department_id,department,price,updated_at\n"
        rows = "".join(f"P{i:06},{'x' * 200},D01,Produce,1.00,2025-03-01T10:00:00Z\n" for i in range(80_000))
        self.upload("products_2025-03-01_001.csv", (header + rows).encode())
        self.ingest("--table", "products")
        self.assertEqual(query(self.lake, "select count(*) as n from processed.products"), [{"n": 80_000}])
        self.assertEqual(self.names_in("archive"), ["products_2025-03-01_001.csv"])


if __name__ == "__main__":
    unittest.main()
