// fuse-overlayfs served to a mount that the monitor makes, so that the daemon never outlives the mount's last user.
#ifndef LICHEN_FUSE_H
#define LICHEN_FUSE_H

#include "spec.h"

// Mounts the spec's layers on merged. On success *daemon is the daemon's pid, a child of ours.
int fuse_mount(const struct spec *spec, pid_t *daemon, struct buffer *why);

#endif
