#pragma once

#include "base/error.h"
#include "delta/actions.h"
#include "delta/schema.h"

/// "Type Widening" of the protocol: columns get types that hold all values of the old ones, and files stay as they are.
namespace smelt::delta {

/// Whether columns of the table may be widened.
bool AllowsTypeWidening(const Protocol& protocol, const Metadata& metadata);

/// Whether a primitive type holds all values of another in the sense of the protocol ("Supported Type Changes").
bool IsWidening(const DataType& from, const DataType& to);

/// Gives a field a wider type, nested types included, and records in its metadata which types changed. Answers whether
/// anything did. Errors: kDeltaUnsupported (a type that is not wider, fields that differ in more than their types).
Result<bool> WidenField(Field& field, const DataType& wanted);

}  // namespace smelt::delta
