// Starting other programs, and what /proc tells about processes. Must know nothing of containers.
#ifndef LICHEN_PROCESS_H
#define LICHEN_PROCESS_H

#include "io.h"

struct command {
  char *const *argv;   // argv[0] is looked up in PATH unless it holds a slash
  int in, out, err;    // -1: /dev/null
  bool dies_with_us;   // SIGKILL when the calling process ends, however it ends
  const char *cwd;     // NULL: ours
  bool apart;          // in a session of its own, whose terminal is in when that is one
  const int *groups;   // open cgroup.procs of version 1, group_count of them, that it joins
  size_t group_count;
  int kept_from, kept; // so many of ours, from this number on, become the child's 3, 4, …
};

// The child's pid; -1 with errno when the program could not be executed (then there is no child).
pid_t process_spawn(const struct command *command);

// As process_spawn, and waits: the exit code, 128 + signal, or -1 with errno.
int process_run(const struct command *command);

// Becomes the command; comes back only by ending the program with 126 or 127.
_Noreturn void process_exec(const char *verb, char *const *argv);

// The end of that story: says why name could not be executed (errno).
_Noreturn void process_cannot_exec(const char *verb, const char *name);

// Opens /dev/null on whichever of 0, 1, 2 is closed, so that no file of ours ever lands there.
void process_ensure_stdio(void);

// Out of our environment: what counts the sockets that systemd has opened for us. Not for our children, says LISTEN_PID; a
// runtime does not look at that, and would take as many descriptors for the container's.
void process_forget_sockets(void);

// Into version 1 groups by their open cgroup.procs. -1 with errno.
int process_join(const int *groups, size_t count);

// Signals as a fresh program expects them: nothing ignored, nothing blocked.
void process_reset_signals(void);

// Of a wait status: the shell's convention.
int process_exit_code(int status);

// Field 22 of /proc/PID/stat, in clock ticks since boot; 0 when there is no such process.
uint64_t process_start_time(pid_t pid);

// It is on its way out, but not yet to be waited for. The first process of a pid namespace ends after all others in it.
bool process_is_ending(pid_t pid);

// SIGKILL to every child of ours but spared (0: none spared). True when there was one.
bool process_kill_children(pid_t spared);

#endif
