// Files with one process id in them, for whoever supervises us (--pidfile, --conmon-pidfile).
#ifndef LICHEN_PIDFILE_H
#define LICHEN_PIDFILE_H

#include "io.h"

// path (absolute) appears with pid in it, by rename. -1 with errno.
int pidfile_write(const char *path, pid_t pid);

#endif
