// The monitor's one poll loop.
#ifndef LICHEN_LOOP_H
#define LICHEN_LOOP_H

#include "session.h"

typedef bool (*loop_goal)(const struct session *session);
#define LOOP_FOREVER (-1)

// Turns until the goal is reached: 0. -1 when the launch was called off, or after limit_ms.
int loop_until(struct session *session, loop_goal goal, int limit_ms);

// Handles what is there now, and waits for nothing.
void loop_once(struct session *session);

// Takes everyone who waits to be accepted.
void loop_accept(struct session *session);

// Lets the terminal have the size that a client has told, whichever came first.
void loop_apply_size(struct session *session);

#endif
