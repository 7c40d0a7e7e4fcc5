// Every process that ends below a monitor ends here: it is the reaper of everything its container leaves behind.
#ifndef LICHEN_CHILDREN_H
#define LICHEN_CHILDREN_H

#include "session.h"

// Blocks the signals a monitor takes through signal_fd and ignores SIGPIPE. -1 with errno.
int children_watch(struct session *session);

// Takes the waiting signals: reaps, passes on to the container, or calls the launch off.
void children_handle_signals(struct session *session);

// The container's first process as the runtime wrote it to run_dir/pid; 0 when it has not.
pid_t children_read_container_pid(const struct session *session);

// To the container's first process, unless it has ended.
void children_signal_container(struct session *session, int number);

#endif
