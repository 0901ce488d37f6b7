"""The statements of tests/sql, which the engine's tests run on a lake in a folder, on a lake on an S3 server.

Runs within `tools/services/versitygw.sh run`, which sets the server's address and keys.
"""

import os
import subprocess
import unittest

from pyarrow import fs

BUCKET = "smelt-sql"


class SqlFilesTest(unittest.TestCase):
    def delete_objects(self, server):
        for info in server.get_file_info(fs.FileSelector(BUCKET, recursive=True)):
            if info.type == fs.FileType.File:
                server.delete_file(info.path)

    def test_all_of_them(self):
        server = fs.S3FileSystem(
            access_key=os.environ["AWS_ACCESS_KEY_ID"],
            secret_key=os.environ["AWS_SECRET_ACCESS_KEY"],
            region=os.environ["AWS_REGION"],
            endpoint_override=os.environ["AWS_ENDPOINT_URL"].removeprefix("http://"),
            scheme="http",
            allow_bucket_creation=True,
        )
        server.create_dir(BUCKET)
        self.addCleanup(self.delete_objects, server)
        result = subprocess.run(
            [os.environ["SMELT_ENGINE_TESTS"], "--gtest_brief=1", "--gtest_filter=Sql/*"],
            env={**os.environ, "SMELT_TEST_LAKES": f"s3://{BUCKET}"},
            capture_output=True,
            text=True,
            timeout=900,
        )
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)


if __name__ == "__main__":
    unittest.main()
