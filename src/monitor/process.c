// Starting other programs, see process.h.
#include "process.h"

#include "kernel.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>

void process_reset_signals(void) {
  struct sigaction fresh = {.sa_handler = SIG_DFL};
  sigset_t none;
  for (int number = 1; number <= SIGRTMAX; number++) sigaction(number, &fresh, NULL); // fails on what libc keeps
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
}

void process_forget_sockets(void) {
  unsetenv("LISTEN_FDS");
  unsetenv("LISTEN_PID");
  unsetenv("LISTEN_FDNAMES");
}

void process_ensure_stdio(void) {
  for (;;) {
    int fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (fd < 0) die(CODE_HOST, "open: /dev/null: %s", strerror(errno));
    if (fd > STDERR_FILENO) {
      close(fd);
      return;
    }
    fcntl(fd, F_SETFD, 0);
  }
}

// Puts fd (-1: /dev/null) at number. Our own descriptors are above 2 (process_ensure_stdio), so none is overwritten
// before it was used, except that the caller may hand one of 0, 1, 2 on as it is.
static int place_fd(int fd, int number) {
  if (fd < 0) {
    fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (fd < 0) return -1;
  }
  if (fd == number) return fcntl(fd, F_SETFD, 0);
  return dup2(fd, number);
}

// Downwards or in place and from the lowest on, so none is overwritten before it was used. What the child had at these
// numbers was ours, and close-on-exec.
static int place_kept(const struct command *command) {
  for (int index = 0; index < command->kept; index++)
    if (place_fd(command->kept_from + index, STDERR_FILENO + 1 + index) < 0) return -1;
  return 0;
}

int process_join(const int *groups, size_t count) {
  for (size_t index = 0; index < count; index++)
    if (write(groups[index], "0", 1) < 0) return -1;
  return 0;
}

static bool part(void) { return setsid() >= 0 && (!isatty(STDIN_FILENO) || ioctl(STDIN_FILENO, TIOCSCTTY, 0) == 0); }

// Groups, streams, other descriptors, session, directory. False with errno.
static bool take_place(const struct command *command) {
  return process_join(command->groups, command->group_count) == 0 && place_fd(command->in, STDIN_FILENO) >= 0 &&
         place_fd(command->out, STDOUT_FILENO) >= 0 && place_fd(command->err, STDERR_FILENO) >= 0 &&
         place_kept(command) == 0 && (!command->apart || part()) && (command->cwd == NULL || chdir(command->cwd) == 0);
}

// The child between vfork and exec: it borrows the parent's memory, so it only makes system calls and leaves its
// errno behind in *failure.
static _Noreturn void become(const struct command *command, pid_t parent, volatile int *failure) {
  process_reset_signals();
  if (command->dies_with_us) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(CODE_HOST); // the parent had died before the line above
  }
  if (take_place(command)) execvp(command->argv[0], command->argv);
  *failure = errno;
  _exit(CODE_NOT_FOUND);
}

pid_t process_spawn(const struct command *command) {
  volatile int failure = 0;
  pid_t parent = getpid();
  pid_t child = vfork(); // copies no page tables, and tells a failed exec without a pipe
  if (child < 0) return -1;
  if (child == 0) become(command, parent, &failure);
  if (failure == 0) return child;
  RETRY(waitpid(child, NULL, 0));
  errno = failure;
  return -1;
}

int process_run(const struct command *command) {
  int status;
  pid_t child = process_spawn(command);
  if (child < 0 || RETRY(waitpid(child, &status, 0)) < 0) return -1;
  return process_exit_code(status);
}

// execvp says "permission denied" also when the only trouble was a directory in PATH that we may not search.
static bool is_in_path(const char *name) {
  AUTO_BUFFER struct buffer path = {0}, candidate = {0};
  const char *value = getenv("PATH");
  if (strchr(name, '/') != NULL || value == NULL) return true;
  buffer_append(&path, value, strlen(value));
  for (char *rest = path.data, *dir; (dir = strsep(&rest, ":")) != NULL;) {
    buffer_clear(&candidate);
    buffer_printf(&candidate, "%s/%s", dir[0] == '\0' ? "." : dir, name);
    if (access(candidate.data, F_OK) == 0) return true;
  }
  return false;
}

void process_cannot_exec(const char *verb, const char *name) {
  if (errno == EACCES && !is_in_path(name)) errno = ENOENT;
  bool absent = errno == ENOENT || errno == ENOTDIR;
  die(absent ? CODE_NOT_FOUND : CODE_NOT_EXECUTABLE, "%s: %s: %s", verb, name, strerror(errno));
}

void process_exec(const char *verb, char *const *argv) {
  process_reset_signals();
  execvp(argv[0], argv);
  process_cannot_exec(verb, argv[0]);
}

int process_exit_code(int status) {
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

// Of /proc/PID/stat, counted from 1 as in proc(5); 0 when there is no such process.
static uint64_t stat_field(pid_t pid, int wanted) {
  AUTO_BUFFER struct buffer stat = {0};
  char path[40];
  snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
  if (io_read_file(AT_FDCWD, path, &stat, 65536) < 0) return 0;
  // The command name (field 2) may itself hold spaces and parentheses: only the last one ends it.
  const char *field = strrchr(stat.data, ')');
  for (int number = 2; field != NULL && number < wanted; number++) {
    field = strchr(field, ' ');
    if (field != NULL) field++;
  }
  return field == NULL ? 0 : strtoull(field, NULL, 10);
}

uint64_t process_start_time(pid_t pid) { return stat_field(pid, 22); }

bool process_is_ending(pid_t pid) { return (stat_field(pid, 9) & KERNEL_PF_EXITING) != 0; }

bool process_kill_children(pid_t spared) {
  AUTO_BUFFER struct buffer children = {0};
  bool found = false;
  if (io_read_file(AT_FDCWD, "/proc/thread-self/children", &children, 1 << 20) < 0) return false;
  for (char *rest = children.data, *end; (end = strchr(rest, ' ')) != NULL; rest = end + 1) {
    pid_t child = (pid_t)strtol(rest, NULL, 10);
    if (child <= 0 || child == spared) continue;
    found = true;
    kill(child, SIGKILL);
  }
  return found;
}
