// Starting a container again after its end: whether, when, and how (PROTOCOL.md, Restart). Mounts, user namespace and
// clients stay as they are.
#ifndef LICHEN_RESTART_H
#define LICHEN_RESTART_H

#include "monitor.h"

// Of the container that has just ended.
bool restart_is_wanted(const struct monitor *monitor);

// False: there is no next run. Somebody gave it up while it waited, or it failed, and monitor->last says how.
bool restart_container(struct monitor *monitor);

#endif
