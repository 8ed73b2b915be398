#pragma once
#include "decoders/constraint/schema_resolver.h"

namespace millrace {

// Whether it is plain to see that no value fits both schemas: they have no type in common, no value of their
// enums, or a property that both require with values that exclude each other.
bool exclude_each_other(const SchemaResolver::Json& a, const SchemaResolver::Json& b,
                        const SchemaResolver& resolver, int depth = 0);

}  // namespace millrace
