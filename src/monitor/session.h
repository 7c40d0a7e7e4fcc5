// The live state of one monitor: what the loop turns over and the story in mon.c looks at. Data only.
#ifndef LICHEN_SESSION_H
#define LICHEN_SESSION_H

#include "cgroup.h"
#include "check_run.h"
#include "clients.h"
#include "console.h"
#include "io.h"
#include "journal.h"
#include "log.h"
#include "unix_socket.h"

#include <sys/ioctl.h>

#define CHUNK_SIZE 16384

// Launching: the first client can still call everything off. Running: output flows. Restarting: from the end of one run
// to the start of the next, which can be given up. Ending: only what is queued.
enum phase { PHASE_LAUNCH, PHASE_RUN, PHASE_RESTART, PHASE_END };

// One way out of the container: a pipe, or the terminal's master side.
struct stream {
  int fd; // -1: ended
  char type;
  const char *name;
  bool is_tty;
  bool resting; // a terminal that nobody has open at the moment: looked at again in a second
};

// The container's stdin.
struct input {
  int fd;             // -1: closed or never kept: what comes is thrown away
  bool is_tty;        // fd is then the terminal's, and not ours to close
  bool closing;       // end of input was said; close when rest is written
  struct buffer rest; // taken from a client, not yet taken by the container
};

enum health_status { HEALTH_STARTING, HEALTH_HEALTHY, HEALTH_UNHEALTHY };

// What the checks have shown since the start.
struct health {
  enum health_status status;
  bool started_up;    // there is no startup check, or it has passed
  bool passed;        // the check itself has, once
  uint64_t streak;    // failures in a row
  uint64_t passes;    // of the startup check, in a row
  int64_t period_end; // of the start period, by clock_ms()
  int64_t due;        // when the next check begins, 0: only when asked
  struct check_run run;
  struct buffer log; // results as JSON, oldest first
  uint64_t log_count;
};

struct session {
  const struct runtime *runtime; // with the spec
  enum phase phase;
  bool go, start_asked; // the first client said so
  bool may_wait;        // created for somebody who says start later: nobody need stay until then
  bool called_off;      // it went away before that, or a signal told us to stop
  bool last;            // somebody said that the next end is the last
  bool again;           // the container is stopped to be started again, whatever the policy
  bool asked;           // the same, because a client wants it, who may leave: at once, and not counted
  int64_t deadline;     // when the container is killed, by clock_ms(), 0: not at all
  int signal_fd;
  struct unix_socket attach;
  struct console console;
  struct clients clients;
  bool accept_resting; // no descriptor was left to accept with
  int64_t rest_end;    // when what rests is looked at again, monotonic ms; 0: nothing rests
  struct stream out, err;
  struct input input;
  int pty; // the terminal's master side, -1: none (yet)
  bool resized;
  struct winsize size;
  struct log log;
  struct journal journal;
  struct memory_watch memory;
  struct health health;
  int notify_fd;   // where the container says that it is ready, -1: nowhere
  bool ready_said, notify_warned; // to systemd; that it cannot be told
  struct child helper;    // the runtime's process at work
  struct child container; // its first process; pid is learnt from pid_file
  struct child fuse;
  int run_dirfd;
  char *chunk; // CHUNK_SIZE bytes; only touched pages cost memory
};

#endif
