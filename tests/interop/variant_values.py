"""Values of shredded variants, put together from what pyarrow reads of a file: by Parquet's VariantEncoding.md and
VariantShredding.md, and with nothing of the engine that wrote them."""

import datetime
import decimal
import struct

EPOCH = datetime.date(1970, 1, 1)
FIXED = {3: "<b", 4: "<h", 5: "<i", 6: "<q", 7: "<d", 14: "<f"}
DECIMALS = {8: 4, 9: 8, 10: 16}
OBJECT, ARRAY, SHORT_TEXT = 2, 3, 1
MISSING = object()


def number(data, at, size):
    return int.from_bytes(data[at : at + size], "little")


def names(metadata):
    """The dictionary of field names."""
    size = (metadata[0] >> 6) + 1
    count = number(metadata, 1, size)
    offsets = [number(metadata, 1 + size * (1 + i), size) for i in range(count + 1)]
    start = 1 + size * (count + 2)
    return [metadata[start + a : start + b].decode() for a, b in zip(offsets, offsets[1:])]


def primitive(data, kind):
    if kind in (0, 1, 2):
        return {0: None, 1: True, 2: False}[kind]
    if kind in FIXED:
        return struct.unpack_from(FIXED[kind], data, 1)[0]
    if kind in DECIMALS:
        unscaled = int.from_bytes(data[2 : 2 + DECIMALS[kind]], "little", signed=True)
        return decimal.Decimal(unscaled).scaleb(-data[1])
    if kind == 11:
        return EPOCH + datetime.timedelta(days=struct.unpack_from("<i", data, 1)[0])
    if kind == 16:
        return data[5 : 5 + number(data, 1, 4)].decode()
    raise NotImplementedError(f"the primitive type {kind}")


def decode(data, dictionary):
    """A value in the binary encoding."""
    basic, header = data[0] & 3, data[0] >> 2
    if basic == SHORT_TEXT:
        return data[1 : 1 + header].decode()
    if basic not in (OBJECT, ARRAY):
        return primitive(data, header)
    offset_size = (header & 3) + 1
    is_large = header >> (4 if basic == OBJECT else 2) & 1
    count_size = 4 if is_large else 1
    count = number(data, 1, count_size)
    at = 1 + count_size
    ids = []
    if basic == OBJECT:
        id_size = (header >> 2 & 3) + 1
        ids = [number(data, at + id_size * i, id_size) for i in range(count)]
        at += id_size * count
    offsets = [number(data, at + offset_size * i, offset_size) for i in range(count)]
    start = at + offset_size * (count + 1)
    values = [decode(data[start + offset :], dictionary) for offset in offsets]
    return {dictionary[i]: value for i, value in zip(ids, values)} if basic == OBJECT else values


def assemble(group, dictionary):
    """A value of which parts may stand in columns of their own."""
    typed = group.get("typed_value")
    rest = group.get("value")
    if typed is None:
        return MISSING if rest is None else decode(rest, dictionary)
    if isinstance(typed, list):
        return [assemble(element, dictionary) for element in typed]
    if not isinstance(typed, dict):
        return typed
    fields = {name: assemble(field, dictionary) for name, field in typed.items() if field is not None}
    found = {name: value for name, value in fields.items() if value is not MISSING}
    return found | (decode(rest, dictionary) if rest is not None else {})


def variant(group):
    """The value of one row; None for NULL and for a variant that is null."""
    if group is None:
        return None
    value = assemble(group, names(group["metadata"]))
    return None if value is MISSING else value
