// A restart that a client asks for (PROTOCOL.md, `n`): notes it, and begins the stop. Must never start anything:
// restart.c does, as after any other end.
#ifndef LICHEN_RESTART_ASK_H
#define LICHEN_RESTART_ASK_H

#include "session.h"

// Takes the frame's payload, which it cuts in two. False: it is not in the protocol.
bool restart_ask(struct session *session, struct client *client, char *text);

// Somebody waits for the next run, or it is owed to one who has left since.
bool restart_is_asked(const struct session *session);

#endif
