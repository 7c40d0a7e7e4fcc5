// The two ways a monitor ends. Both undo everything, and "already gone" is success all along.
#ifndef LICHEN_MONITOR_END_H
#define LICHEN_MONITOR_END_H

#include "monitor.h"

// The launch failed at step: undo, tell the first client, then (on stderr) everybody. The exit code.
int monitor_give_up(struct monitor *monitor, const char *step);

// The container's first process has ended: drain, report, tell, undo. The exit code.
int monitor_finish(struct monitor *monitor);

#endif
