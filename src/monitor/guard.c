// Three processes are alive during create:
//
// The monitor, which may be killed -9.
// └ The guard (a fork of it), who outlives that and cleans up. While it lives it is the subreaper, so everything that
//   the runtime forks stays below it. It ends as soon as create has, and its children become the monitor's.
//   └ The runtime, which forks the container's first process. Killed between the fork and writing its state file it
//     would leave a process that waits for a start which nobody can ever give, and that no `delete` knows of.
#include "guard.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#define CALL_OFF_S 1

// The monitor is dead: nothing below us may live on, and what the runtime has written down is to be forgotten. First the
// runtime may end by itself: killed half-way it leaves a control group that no delete knows of.
static _Noreturn void undo(const struct runtime *runtime, pid_t created, const sigset_t *awaited) {
  const struct timespec grace = {.tv_sec = CALL_OFF_S};
  while (waitpid(created, NULL, WNOHANG) == 0 && sigtimedwait(awaited, NULL, &grace) > 0) continue;
  while (process_kill_children(0)) RETRY(waitpid(-1, NULL, 0));
  pid_t deletion = runtime_delete(runtime);
  if (deletion > 0) RETRY(waitpid(deletion, NULL, 0));
  _exit(CODE_HOST);
}

static _Noreturn void stand_guard(const struct runtime *runtime, pid_t monitor, pid_t created,
                                  const sigset_t *awaited) {
  int status;
  for (;;) {
    // Only the runtime: a container that has ended already is for the monitor to reap.
    if (waitpid(created, &status, WNOHANG) == created) _exit(process_exit_code(status));
    if (getppid() != monitor) undo(runtime, created, awaited);
    sigwaitinfo(awaited, NULL);
  }
}

pid_t guard_create(const struct runtime *runtime, const struct runtime_stdio *stdio, const char *console_path) {
  if (access(runtime->spec->runtime, X_OK) < 0) return -1; // said here, where errno is still the caller's
  pid_t monitor = getpid(), guard = fork();
  if (guard != 0) return guard;
  sigset_t awaited;
  sigemptyset(&awaited);
  sigaddset(&awaited, SIGCHLD);
  sigaddset(&awaited, SIGTERM); // from the kernel, when the monitor dies
  sigprocmask(SIG_SETMASK, &awaited, NULL);
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  pid_t created = runtime_create(runtime, stdio, console_path);
  if (created < 0) _exit(CODE_NOT_FOUND);
  stand_guard(runtime, monitor, created, &awaited);
}
