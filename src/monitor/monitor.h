// Everything one monitor has made, so that whoever stops at any point knows what to undo.
#ifndef LICHEN_MONITOR_H
#define LICHEN_MONITOR_H

#include "cgroup1.h"
#include "loop.h"
#include "report.h"
#include "rootfs.h"
#include "runtime.h"
#include "session.h"

struct restarts {
  uint64_t count;     // all of them
  uint64_t by_policy; // these have a limit
  int delay;          // before the latest one, ms
};

struct monitor {
  const struct spec *spec;
  struct session session;
  struct rootfs rootfs;
  struct runtime runtime;
  struct cgroup1 groups;
  int bundle_fd;        // carries the lock that makes this the only monitor of its container
  bool claimed;         // the container is ours: what lies in run_dir was written by us
  bool registered;      // in userns_dir
  bool created;         // the runtime was asked for the container, so it may have to delete it
  uint64_t container_start;
  char started_at[REPORT_TIME_SIZE]; // of the latest start; empty: none yet
  int64_t started_ms;                // the same by clock_ms()
  struct restarts restarts;
  struct exit_facts last; // the latest end
  off_t start_log_size; // of oci.log, before start
  struct buffer why;    // of the step that failed: one line, or the runtime's JSON lines
};

// Fills monitor->why from errno. Always -1.
int monitor_failure(struct monitor *monitor, const char *verb, const char *object);

#endif
