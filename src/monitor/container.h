// One run of a container: the runtime's create, start and delete with what belongs to them. The first run and each
// restart go the same way. What is made is undone by container_remove, from wherever it stopped.
#ifndef LICHEN_CONTAINER_H
#define LICHEN_CONTAINER_H

#include "monitor.h"

// -1: monitor->why says it; called off: by the first client, `q` or a signal.
int container_create(struct monitor *monitor);
int container_start(struct monitor *monitor);

// The first process has ended: drains its output and settles monitor->last.
void container_settle(struct monitor *monitor);

// The event of monitor->last.
void container_tell_died(const struct monitor *monitor);

// `z` or `x`, with monitor->last, to everyone.
void container_tell_end(struct monitor *monitor, char frame);

// Kills what is left of the run and lets the runtime forget it. Idempotent; streams must have been drained before.
void container_remove(struct monitor *monitor);

// Waits for goal unless all is called off (then -1, and monitor->why says so).
int container_await(struct monitor *monitor, loop_goal goal);

// monitor.json as things are now.
int container_report(struct monitor *monitor);

#endif
