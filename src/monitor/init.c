// PID 1 of a container that was started with --init. Two processes:
//
// init (this one) forwards every signal it gets to the command and reaps whatever the container orphans; it has no
// other work, because pid 1 must never be missing. It ends with the command, and the kernel ends the rest with it.
// The command is its first child, in a process group of its own that has the terminal, so that ^C reaches it alone.
#include "init.h"

#include "process.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

static _Noreturn void run_command(char **argv) {
  setpgid(0, 0);
  // Still with SIGTTOU blocked: a background group that takes the terminal would be stopped.
  if (isatty(STDIN_FILENO)) tcsetpgrp(STDIN_FILENO, getpid());
  process_exec("init", argv);
}

// Signals that mean this process itself, not the container.
static bool is_own_signal(int number) {
  static const int own[] = {SIGFPE, SIGILL, SIGSEGV, SIGBUS, SIGABRT, SIGTRAP, SIGSYS, SIGTTIN, SIGTTOU};
  for (size_t index = 0; index < sizeof own / sizeof own[0]; index++)
    if (own[index] == number) return true;
  return false;
}

static void reap(pid_t command) {
  int status;
  for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;)
    if (pid == command) _exit(process_exit_code(status));
}

int init_main(int argc, char **argv) {
  if (argc < 3 || strcmp(argv[1], "--") != 0) die(CODE_USAGE, "usage: lichen-monitor init -- CMD [ARG...]");
  sigset_t all;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, NULL);
  prctl(PR_SET_CHILD_SUBREAPER, 1); // does its work too where something else is pid 1

  pid_t command = fork();
  if (command < 0) die(CODE_HOST, "init: fork: %s", strerror(errno));
  if (command == 0) run_command(argv + 2);
  for (;;) {
    int number = RETRY(sigwaitinfo(&all, NULL));
    if (number == SIGCHLD) reap(command);
    else if (number > 0 && !is_own_signal(number)) kill(command, number);
  }
}
