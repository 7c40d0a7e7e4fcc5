// Descriptors of the caller's that the container is to have: standard streams (stdio_fds), others (preserve_fds). The
// monitor keeps them for as long as it lives, since a restart needs them again, and never reads or writes one.
#ifndef LICHEN_KEPT_FDS_H
#define LICHEN_KEPT_FDS_H

#include "runtime.h"
#include "spec.h"

// Makes those the spec names close-on-exec and closes all others above fd 3. -1 with why: one is not open.
int kept_fds_settle(const struct spec *spec, struct buffer *why);

// Puts into stdio what the container gets of them; the rest of it stays as it is.
void kept_fds_give(const struct spec *spec, struct runtime_stdio *stdio);

#endif
