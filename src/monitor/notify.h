// Telling systemd that the container is ready (sd_notify(3)), and relaying what the container itself has to say. Only what
// makes sense outside is relayed: a process id of the container's does not.
#ifndef LICHEN_NOTIFY_H
#define LICHEN_NOTIFY_H

#include "session.h"

// Before the first create: run_dir/notify/notify.sock, when the container is to be heard. -1 with errno.
int notify_open(struct session *session);

// READY=1 with our own pid as MAINPID, the first time; nothing without `notify_socket` in the spec.
void notify_ready(struct session *session);

// Takes the container's socket away.
void notify_close(struct session *session);

// The container has said something.
void notify_relay(struct session *session);

#endif
