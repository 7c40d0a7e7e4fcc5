// What the monitor itself does to a running container when a time has come: the timeout of a run, and a stop with its
// grace. Must never decide what follows the end.
#ifndef LICHEN_DEADLINES_H
#define LICHEN_DEADLINES_H

#include "session.h"

// At each start.
void deadlines_begin(struct session *session);

// The stop signal now, SIGKILL when the grace is over.
void deadlines_stop(struct session *session);

// When deadlines_turn() has something to do, 0: never.
int64_t deadlines_due(const struct session *session);
void deadlines_turn(struct session *session);

#endif
