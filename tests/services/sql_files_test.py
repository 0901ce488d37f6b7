"""The statements of tests/sql and the matrix of conflicts, which the engine's tests run on a lake in a folder, on a lake
on an S3 server.

Runs within `tools/services/versitygw.sh run`, which sets the server's address and keys.
"""

import os
import subprocess
import unittest

import s3_server

BUCKET = "smelt-sql"


class SqlFilesTest(unittest.TestCase):
    def delete_objects(self, server):
        for path in s3_server.files(server, BUCKET):
            server.delete_file(path)

    def test_all_of_them(self):
        server = s3_server.connect(BUCKET)
        self.addCleanup(self.delete_objects, server)
        result = subprocess.run(
            [os.environ["SMELT_ENGINE_TESTS"], "--gtest_brief=1", "--gtest_filter=Sql/*:ConflictMatrixTest.*"],
            env={**os.environ, "SMELT_TEST_LAKES": f"s3://{BUCKET}"},
            capture_output=True,
            text=True,
            timeout=900,
        )
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)


if __name__ == "__main__":
    unittest.main()
