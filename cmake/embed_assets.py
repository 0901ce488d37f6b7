"""Usage: embed_assets.py FOLDER OUTPUT.cc

Writes a C++ file that holds every file under FOLDER as it is and gzipped, for WebAssets(). The bytes are taken in by the
assembler, which is quick at it; the compressed ones lie beside OUTPUT.
"""

import gzip
import hashlib
import mimetypes
import sys
from pathlib import Path

HEAD = """#include <array>
#include <cstddef>

#include "serve/pages/web_assets.h"

"""
BYTES = """asm(R"(.pushsection .rodata
{name}_begin:
.incbin "{file}"
{name}_end:
.byte 0
.popsection)");
extern "C" {{
extern const char {name}_begin[];
extern const char {name}_end[];
}}

"""
TAIL = """namespace smelt::serve {{
namespace {{

std::string_view Between(const char* begin, const char* end) {{ return {{begin, static_cast<std::size_t>(end - begin)}}; }}

}}  // namespace

std::span<const WebAsset> WebAssets() {{
  static const std::array<WebAsset, {count}> assets = {{{{
{entries}
  }}}};
  return assets;
}}

}}  // namespace smelt::serve
"""


def content_type(name):
    kind = {".js": "text/javascript", ".svg": "image/svg+xml"}.get(Path(name).suffix) or mimetypes.guess_type(name)[0]
    kind = kind or "application/octet-stream"
    return f"{kind}; charset=utf-8" if kind.startswith("text/") or kind.endswith("+xml") else kind


def main(folder, output):
    packed = output.parent / "gzip"
    packed.mkdir(parents=True, exist_ok=True)
    code, entries = [HEAD], []
    for number, path in enumerate(sorted(folder.rglob("*"), key=lambda path: path.relative_to(folder).as_posix())):
        if not path.is_file():
            continue
        data, name = path.read_bytes(), path.relative_to(folder).as_posix()
        # Without a time in it, the same source gives the same bytes.
        small = packed / f"{number}.gz"
        small.write_bytes(gzip.compress(data, compresslevel=9, mtime=0))
        code += [BYTES.format(name=f"smelt_asset_{number}", file=path),
                 BYTES.format(name=f"smelt_asset_{number}_gzip", file=small)]  # fmt: skip
        etag = hashlib.sha256(data).hexdigest()[:16]
        entries.append(
            f'      {{"{name}", "{content_type(name)}", "\\"{etag}\\"", Between(smelt_asset_{number}_begin, '
            f"smelt_asset_{number}_end),\n       Between(smelt_asset_{number}_gzip_begin, smelt_asset_{number}_gzip_end)}},"
        )
    code.append(TAIL.format(count=len(entries), entries="\n".join(entries)))
    output.write_text("".join(code), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve())
