// Everything one monitor has made, so that whoever stops at any point knows what to undo. Data only.
#ifndef LICHEN_MONITOR_H
#define LICHEN_MONITOR_H

#include "loop.h"
#include "rootfs.h"
#include "runtime.h"
#include "session.h"

struct monitor {
  const struct spec *spec;
  struct session session;
  struct rootfs rootfs;
  struct runtime runtime;
  int bundle_fd;        // carries the lock that makes this the only monitor of its container
  bool claimed;         // the container is ours: what lies in run_dir was written by us
  bool registered;      // in userns_dir
  bool created;         // the runtime was asked for the container, so it may have to delete it
  uint64_t container_start;
  off_t start_log_size; // of oci.log, before start
  struct buffer why;    // of the step that failed: one line, or the runtime's JSON lines
};

#endif
