// Calling the OCI runtime (crun or runc) and reading what it left in its log. OCI runtime command line interface.
#ifndef LICHEN_RUNTIME_H
#define LICHEN_RUNTIME_H

#include "cgroup1.h"
#include "process.h"
#include "spec.h"

struct runtime {
  const struct spec *spec;
  const char *cgroup_manager; // NULL: not said to the runtime
  const struct cgroup1 *groups; // version 1's, that what is run in the container later joins as well
  int run_dirfd;
  bool log_gone; // run_dir has been renamed away
};

struct runtime_stdio {
  int in, out, err;    // -1: /dev/null
  int kept_from, kept; // as in struct command
};

// Each gives the pid of a child to wait for, -1 with errno when the runtime could not be executed.
// create is called by the guard (guard.h), never by the monitor itself.
pid_t runtime_create(const struct runtime *runtime, const struct runtime_stdio *stdio, const char *console_path);
pid_t runtime_start(const struct runtime *runtime);
pid_t runtime_delete(const struct runtime *runtime);
// process: a file in the form of config.json's `process`; output: for its output and error output.
pid_t runtime_exec(const struct runtime *runtime, const char *process, int output);

#define RUNTIME_LOG_TAIL 4096

// Bytes in oci.log now.
off_t runtime_log_size(const struct runtime *runtime);

// The end of oci.log beyond from, at most RUNTIME_LOG_TAIL bytes of whole lines; nothing when there is none.
void runtime_log_tail(const struct runtime *runtime, off_t from, struct buffer *tail);

#endif
