// The container's version 1 control groups, which the runtime never sees (cgroup.h says why): made before it is created,
// joined before it starts, removed after its end. cgroups(7), Cgroups version 1.
#ifndef LICHEN_CGROUP1_H
#define LICHEN_CGROUP1_H

#include "spec.h"

struct cgroup1_group {
  const char *path, *name; // name: the last part of path
  int parent_fd;           // opened while the host's /sys/fs/cgroup was to be seen
};

struct cgroup1 {
  struct cgroup1_group *list;
  int *procs; // cgroup.procs of each, as struct command wants them
  size_t count;
};

// Makes the groups (one that is there already is used) and writes the values. Before cgroup_graft(). -1 with why.
int cgroup1_make(struct cgroup1 *groups, const struct spec *spec, struct buffer *why);

// Every thread of pid, into all of them. -1 with why.
int cgroup1_join(const struct cgroup1 *groups, pid_t pid, struct buffer *why);

// memory.oom_control of the group that has one, -1: none has.
int cgroup1_open_oom_control(const struct cgroup1 *groups);

// Whether one of them is frozen (freezer.state), by itself or by one above it.
bool cgroup1_is_frozen(const struct cgroup1 *groups);

// With the groups that were made below them. No process may be left inside. Idempotent.
void cgroup1_remove(struct cgroup1 *groups);

#endif
