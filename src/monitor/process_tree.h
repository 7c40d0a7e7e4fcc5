// Ending a process with everything it has started. Must know nothing of containers.
#ifndef LICHEN_PROCESS_TREE_H
#define LICHEN_PROCESS_TREE_H

#include <sys/types.h>

// SIGKILL to pid and all its descendants that still hang on it; to none that was handed to another parent before.
void process_tree_kill(pid_t pid);

#endif
