// What a monitor does about control groups: a /sys/fs/cgroup that crun accepts, and whether the kernel killed the
// container for lack of memory. Must never create or write a group: that is the runtime's work, or cgroup1.h's.
// cgroups(7).
#ifndef LICHEN_CGROUP_H
#define LICHEN_CGROUP_H

#include "io.h"

// Needs a private mount namespace. crun (1.8.1) refuses a hybrid or version 1 host even with its manager disabled, so:
// cgroup2 there already: nothing; else the host's cgroup2 mount is bound over it; else an empty tmpfs, and *disabled
// is set.
int cgroup_graft(bool *disabled, struct buffer *why);

// "v2", "hybrid", "v1" or "none".
const char *cgroup_mode(void);

// memory.events of version 2 or memory.oom_control of version 1: both count with a line `oom_kill N`.
struct memory_watch {
  int fd;          // -1: no controller can tell
  uint64_t before; // the count when the watch began: a version 1 group outlives a restart
  bool can_tell, killed;
};

#define MEMORY_WATCH_NONE ((struct memory_watch){.fd = -1})

// oom_control: of the container's version 1 group, taken over; -1: look for version 2's file of pid's group. A group
// shared with ourselves tells nothing about the container alone.
void memory_watch_begin(struct memory_watch *watch, pid_t pid, int oom_control);

// Reads again; worth doing when fd polls POLLPRI and once at the end, before the group is removed.
void memory_watch_update(struct memory_watch *watch);
void memory_watch_close(struct memory_watch *watch);

// 1 killed for lack of memory, 0 not, -1 unknown.
int memory_watch_verdict(const struct memory_watch *watch);

#endif
