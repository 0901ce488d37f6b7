"""The S3 server beside which a test runs: `tools/services/versitygw.sh run` sets its address and keys."""

import os

from pyarrow import fs


def connect(bucket):
    """An independent client, with a bucket of that name."""
    server = fs.S3FileSystem(
        access_key=os.environ["AWS_ACCESS_KEY_ID"],
        secret_key=os.environ["AWS_SECRET_ACCESS_KEY"],
        region=os.environ["AWS_REGION"],
        endpoint_override=os.environ["AWS_ENDPOINT_URL"].removeprefix("http://"),
        scheme="http",
        allow_bucket_creation=True,
    )
    server.create_dir(bucket)
    return server


def files(server, prefix):
    """Path → size of every object below a prefix."""
    found = server.get_file_info(fs.FileSelector(prefix, recursive=True, allow_not_found=True))
    return {info.path: info.size for info in found if info.type == fs.FileType.File}
