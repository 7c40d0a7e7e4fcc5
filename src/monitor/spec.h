// The monitor's spec file: NUL-ended key=value words (PROTOCOL.md, mon: the spec). Reads and checks everything before
// anything is done; must never act.
#ifndef LICHEN_SPEC_H
#define LICHEN_SPEC_H

#include "io.h"
#include "userns.h"

struct words {
  char **list;
  size_t count;
};

enum storage { STORAGE_OVERLAY, STORAGE_FUSE, STORAGE_DIR };
enum restart_policy { RESTART_NO, RESTART_ON_FAILURE, RESTART_ALWAYS };
enum on_failure { ON_FAILURE_NONE, ON_FAILURE_KILL, ON_FAILURE_RESTART, ON_FAILURE_STOP };
enum notify { NOTIFY_STARTED, NOTIFY_HEALTHY, NOTIFY_CONTAINER };

// One of the two health checks. Durations are milliseconds.
struct check {
  const char *process; // NULL: no such check
  uint64_t interval, timeout, retries;
};

struct spec {
  struct buffer text; // every pointer below points into it
  const char *id, *run_dir, *bundle;
  enum storage storage;
  const char *layers_dir, *upper, *work, *merged, *fuse_program;
  struct words lower, read;
  bool upper_owned; // upper_uid and upper_gid were given
  uid_t upper_uid;
  gid_t upper_gid;
  bool is_volatile, tty, keep_stdin, attach;
  bool only_init; // whoever says start comes later, by the socket
  const char *runtime, *runtime_root;
  const char *cgroup_manager; // NULL: the runtime's own choice
  const char *log;            // NULL: no log
  uint64_t log_max_size, log_max_files;
  const char *journal; // NULL: no journal
  struct words journal_fields;
  const char *socket;
  bool stdio_fds;
  uint64_t preserve_fds;
  enum restart_policy restart;
  uint64_t restart_max, timeout; // 0: no limit
  uint64_t stop_signal, stop_timeout;
  struct check health, startup;
  uint64_t health_start_period, startup_success;
  uint64_t health_start_interval; // 0: the check's own
  enum on_failure on_failure;
  uint64_t health_log_count, health_log_size;
  const char *pidfile, *monitor_pidfile;
  const char *events, *event_file;
  struct words cgroup1, cgroup1_values; // of the second each word is INDEX FILE VALUE
  const char *notify_socket;            // NULL: nobody to notify
  enum notify notify;
  const char *remove_dir, *remove_to, *remove_names; // all or none
  struct userns_request userns;
};

// -1: why is one line, `KEY: CAUSE`.
int spec_read(const char *path, struct spec *spec, struct buffer *why);

#endif
