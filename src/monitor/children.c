// Signals and child processes of a monitor, see children.h.
#include "children.h"

#include "process.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>

int children_watch(struct session *session) {
  sigset_t taken;
  sigemptyset(&taken);
  for (const int *number = (const int[]){SIGCHLD, SIGTERM, SIGINT, SIGHUP, 0}; *number != 0; number++) {
    sigaddset(&taken, *number);
    signal(*number, SIG_DFL); // an ignored one would never reach signal_fd
  }
  signal(SIGPIPE, SIG_IGN);
  signal(SIGXFSZ, SIG_IGN); // the caller's limit of file size costs the log, not the container
  if (prctl(PR_SET_CHILD_SUBREAPER, 1) < 0 || sigprocmask(SIG_SETMASK, &taken, NULL) < 0) return -1;
  session->signal_fd = signalfd(-1, &taken, SFD_CLOEXEC | SFD_NONBLOCK);
  return session->signal_fd < 0 ? -1 : 0;
}

pid_t children_read_container_pid(const struct session *session) {
  AUTO_BUFFER struct buffer text = {0};
  uint64_t pid;
  if (io_read_file(session->run_dirfd, "pid", &text, 32) < 0) return 0;
  text.data[strcspn(text.data, "\n")] = '\0';
  return io_parse_u64(text.data, INT32_MAX, &pid) < 0 ? 0 : (pid_t)pid;
}

static bool note_end(struct child *child, pid_t pid, int status) {
  if (child->pid != pid || child->ended) return false;
  child->status = status;
  child->ended = true;
  return true;
}

static void reap(struct session *session) {
  int status;
  for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;) {
    if (note_end(&session->helper, pid, status) || note_end(&session->fuse, pid, status) ||
        note_end(&session->health.run.child, pid, status))
      continue;
    // The first process may end before anybody looked who it is: it is ours to reap only after the runtime that wrote
    // its pid has ended, so the file is whole.
    if (session->container.pid == 0) session->container.pid = children_read_container_pid(session);
    note_end(&session->container, pid, status);
  }
}

void children_signal_container(struct session *session, int number) {
  // Not reaped yet, so the pid is still its own.
  if (session->container.pid > 0 && !session->container.ended) kill(session->container.pid, number);
}

void children_handle_signals(struct session *session) {
  struct signalfd_siginfo waiting;
  while (RETRY(read(session->signal_fd, &waiting, sizeof waiting)) == (ssize_t)sizeof waiting) {
    int number = (int)waiting.ssi_signo;
    if (number == SIGCHLD) {
      reap(session);
      continue;
    }
    // Whoever ends a monitor wants no next run. Ending already: the work left is cleaning up, and that is to be finished.
    if (number != SIGHUP) session->last = true;
    if (session->phase == PHASE_RUN) children_signal_container(session, number);
    if (session->phase == PHASE_LAUNCH) session->called_off = true;
  }
}
