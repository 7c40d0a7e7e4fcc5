// From a checked spec to a running container, step by step.
#ifndef LICHEN_MONITOR_LAUNCH_H
#define LICHEN_MONITOR_LAUNCH_H

#include "monitor.h"

// NULL when the container runs and its clients know; else the name of the step that failed (PROTOCOL.md, frame `!`),
// with monitor->why filled. What was made until then is left to monitor_give_up().
const char *monitor_launch(struct monitor *monitor);

#endif
