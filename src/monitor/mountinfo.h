// Looking a mount up in /proc/self/mountinfo. proc_pid_mountinfo(5).
#ifndef LICHEN_MOUNTINFO_H
#define LICHEN_MOUNTINFO_H

#include "io.h"

struct mountinfo {
  char *root;        // which directory of the file system is mounted, "/" for all of it
  char *mount_point;
};

#define AUTO_MOUNTINFO __attribute__((cleanup(mountinfo_free)))
void mountinfo_free(struct mountinfo *found);

// The last mount of that type (the one on top, where several share a place) whose super block has the option (NULL:
// any). False when there is none.
bool mountinfo_find(const char *type, const char *option, struct mountinfo *found);

#endif
