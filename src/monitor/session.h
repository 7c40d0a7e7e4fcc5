// The live state of one monitor: what the loop turns over and the story in mon.c looks at. Data only.
#ifndef LICHEN_SESSION_H
#define LICHEN_SESSION_H

#include "cgroup.h"
#include "clients.h"
#include "console.h"
#include "io.h"
#include "log.h"
#include "unix_socket.h"

#include <sys/ioctl.h>

#define CHUNK_SIZE 16384

// Launching: the first client can still call everything off. Running: output flows. Ending: only what is queued.
enum phase { PHASE_LAUNCH, PHASE_RUN, PHASE_END };

struct child {
  pid_t pid; // 0: none
  int status;
  bool ended;
};

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

struct session {
  enum phase phase;
  bool go, start_asked; // the first client said so
  bool called_off;      // it went away before that, or a signal told us to stop
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
  struct memory_watch memory;
  struct child helper;    // the runtime's process at work
  struct child container; // its first process; pid is learnt from pid_file
  struct child fuse;
  int run_dirfd;
  char *chunk; // CHUNK_SIZE bytes; only touched pages cost memory
};

#endif
