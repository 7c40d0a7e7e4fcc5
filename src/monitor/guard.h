// Keeps a monitor that is killed during create from leaving half a container behind.
#ifndef LICHEN_GUARD_H
#define LICHEN_GUARD_H

#include "runtime.h"

// Runs the runtime's create under a guard: the pid is the guard's, who ends with the runtime's exit code (127: the
// runtime could not be executed). -1 with errno.
pid_t guard_create(const struct runtime *runtime, const struct runtime_stdio *stdio, const char *console_path);

#endif
