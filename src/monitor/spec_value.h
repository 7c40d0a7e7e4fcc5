// What one value of the spec file may be, and taking it (PROTOCOL.md, mon: the spec). Knows kinds, not keys.
#ifndef LICHEN_SPEC_VALUE_H
#define LICHEN_SPEC_VALUE_H

#include "spec.h"

enum kind { KIND_SCHEMA, KIND_TEXT, KIND_PATH, KIND_PATH_OR_EMPTY, KIND_ADDRESS, KIND_FLAG, KIND_NUMBER, KIND_SIGNAL,
            KIND_STORAGE, KIND_MANAGER, KIND_RESTART, KIND_ON_FAILURE, KIND_NOTIFY, KIND_OWNER,
            KIND_PATHS, KIND_NAMES, KIND_FIELDS, KIND_GROUP_VALUES };

// The key may be given more than once.
bool spec_value_repeats(enum kind kind);

// Puts value where place points to. What is wrong with it, or NULL when it was taken.
const char *spec_value_take(struct spec *spec, enum kind kind, void *place, char *value);

#endif
