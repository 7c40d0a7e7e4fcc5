// How well the container is: when its checks run, what their results mean, what is done about them (PROTOCOL.md, Health).
// One check at a time, none while the container is frozen. Never waits.
#ifndef LICHEN_HEALTH_H
#define LICHEN_HEALTH_H

#include "session.h"

// At each start: nothing is known yet.
void health_begin(struct session *session);

// At each end, before what is left is killed: a check that runs is given up.
void health_end(struct session *session);

// When health_turn() has something to do, 0: never.
int64_t health_due(const struct session *session);

// After every poll: begins, times out and judges checks, and answers who asked for one.
void health_turn(struct session *session);

// The running check has written something.
void health_read(struct session *session);

#endif
