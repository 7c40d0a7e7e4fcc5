// Where a container's version 2 control group is, for whoever reads files of it. Must never write. cgroups(7).
#ifndef LICHEN_CGROUP_PATH_H
#define LICHEN_CGROUP_PATH_H

#include "io.h"

// The group of pid as its /proc file names it; NULL when it has none of its own, apart from ours. The caller frees.
char *cgroup_path_of(pid_t pid);

// A file of that group, for reading; -1: none.
int cgroup_open(pid_t pid, const char *file);

// Whether that group is frozen, by itself or by one above it.
bool cgroup_is_frozen(pid_t pid);

#endif
