// What the monitor itself does to a running container when a time has come: the timeout of a run, and a stop with its
// grace. Must never decide what follows the end.
#ifndef LICHEN_DEADLINES_H
#define LICHEN_DEADLINES_H

#include "session.h"

// At each start.
void deadlines_begin(struct session *session);

// The signal now, SIGKILL when the grace is over; those of the container, and any.
void deadlines_stop(struct session *session);
void deadlines_stop_by(struct session *session, int signal, uint64_t grace_ms);

// When deadlines_turn() has something to do, 0: never.
int64_t deadlines_due(const struct session *session);
void deadlines_turn(struct session *session);

#endif
