// A command on a pseudo terminal, see pty.h. Two flows of bytes between it and our standard streams, signals passed on.
//
// The command is a runtime, that makes the terminal inside the container. It sends us the master side of that (console), or
// copies itself between that and a terminal of ours, which is then raw from the start: nothing may be echoed or
// interpreted on the way.
#include "pty.h"

#include "console.h"
#include "kernel.h"
#include "process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>

#define FLOW_SIZE 4096 // what a pipe that is ready to be written takes without blocking
#define LAST_WORDS_MS 100
#define LAST_WORDS_LIMIT (1u << 20) // more than a terminal holds: what the command has left behind may write for ever
#define END_OF_INPUT 4 // ^D: a terminal has no other end

// Bytes on their way; the next are read when these are written.
struct flow {
  int from, to; // -1: nothing more comes; nobody takes it
  size_t begin, end;
  char bytes[FLOW_SIZE];
};

struct front {
  struct console console; // while the terminal is still to come
  int master, signals;
  int screen; // the terminal of ours whose size counts, -1: none
  bool raw;   // fd 0 is a terminal and was made raw
  struct termios before;
  struct flow in, out;
  const struct pty_options *options;
  size_t matched; // of the keys, held back until it is decided
  bool in_line; // what was typed last was no newline
  bool detached, ended;
  size_t last_words; // bytes read since the end
  pid_t child;
  int status;
};

static bool has_rest(const struct flow *flow) { return flow->end > flow->begin; }

static void set_size(const struct front *front) {
  struct winsize size = {.ws_row = 24, .ws_col = 80};
  if (front->screen >= 0) ioctl(front->screen, TIOCGWINSZ, &size);
  ioctl(front->master, TIOCSWINSZ, &size);
}

static void make_raw(struct front *front) {
  struct termios raw = front->before;
  if (!front->raw) return;
  cfmakeraw(&raw);
  tcsetattr(STDIN_FILENO, TCSANOW, &raw);
}

static void restore(const struct front *front) {
  if (front->raw) tcsetattr(STDIN_FILENO, TCSANOW, &front->before);
}

// stderr is nobody's: a runtime's words are in its log, and it would keep the caller's reader waiting after a detach.
static struct command command_on(const struct pty_options *options, char *const *argv, int terminal) {
  return (struct command){.argv = argv,
                          .in = terminal,
                          .out = terminal,
                          .err = -1,
                          .apart = true, // after a detach our terminal may hang up
                          .groups = options->groups,
                          .group_count = options->group_count};
}

static void connect_flows(struct front *front) {
  front->out.from = front->in.to = front->master;
  if (front->options->input) front->in.from = STDIN_FILENO;
  set_size(front);
}

static void spawn_on_terminal(struct front *front, char *const *argv) {
  struct termios settings;
  front->master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (front->master < 0 || unlockpt(front->master) < 0) die(CODE_HOST, "ns: open /dev/ptmx: %s", strerror(errno));
  // By descriptor: what is mounted at /dev/pts here may be another.
  AUTO_CLOSE int slave = ioctl(front->master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (slave < 0 || tcgetattr(slave, &settings) < 0 || fcntl(front->master, F_SETFL, O_RDWR | O_NONBLOCK) < 0)
    die(CODE_HOST, "ns: open terminal: %s", strerror(errno));
  cfmakeraw(&settings);
  tcsetattr(slave, TCSANOW, &settings);
  connect_flows(front);
  struct command command = command_on(front->options, argv, slave);
  front->child = process_spawn(&command);
}

static void listen_at(struct console *console, const char *path) {
  *console = CONSOLE_NONE;
  if (unix_socket_listen(&console->socket, path) < 0) die(CODE_HOST, "ns: listen %s: %s", path, strerror(errno));
}

static void spawn(struct front *front, char *const *argv) {
  if (front->options->console == NULL) {
    spawn_on_terminal(front, argv);
  } else {
    struct command command = command_on(front->options, argv, -1);
    listen_at(&front->console, front->options->console);
    front->child = process_spawn(&command);
  }
  if (front->child > 0) return;
  console_close(&front->console);
  process_cannot_exec("ns", argv[0]);
}

static void take_console(struct front *front) {
  if (console_fd(&front->console) < 0) return;
  console_take(&front->console, &front->master);
  if (front->master >= 0) connect_flows(front);
}

static void watch_signals(struct front *front) {
  sigset_t all;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, NULL);
  front->signals = signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK);
  if (front->signals < 0) die(CODE_HOST, "ns: watch signals: %s", strerror(errno));
}

static void take_signals(struct front *front) {
  struct signalfd_siginfo signal;
  while (RETRY(read(front->signals, &signal, sizeof signal)) == (ssize_t)sizeof signal) {
    switch (signal.ssi_signo) {
    case SIGCHLD:
      if (!front->ended) front->ended = waitpid(front->child, &front->status, WNOHANG) == front->child;
      break;
    case SIGCONT: // whoever stopped us has used the terminal
      make_raw(front);
      set_size(front);
      break;
    case SIGWINCH: set_size(front); break;
    case SIGPIPE:
    case SIGTSTP: // stopped, we could not give the terminal back
    case SIGTTIN:
    case SIGTTOU: break;
    default:
      if (!front->ended) kill(front->child, (int)signal.ssi_signo);
    }
  }
}

static void flow_read(struct flow *flow, size_t limit) {
  ssize_t got = RETRY(read(flow->from, flow->bytes, limit));
  if (got < 0 && errno == EAGAIN) return;
  flow->begin = 0;
  flow->end = got > 0 ? (size_t)got : 0;
  if (got <= 0) flow->from = -1; // a master says EIO when the last has closed the other side
}

static void flow_write(struct flow *flow) {
  ssize_t written = RETRY(write(flow->to, flow->bytes + flow->begin, flow->end - flow->begin));
  if (written < 0 && errno == EAGAIN) return;
  if (written < 0) {
    flow->to = -1;
    flow->begin = flow->end;
  } else {
    flow->begin += (size_t)written;
  }
}

// Takes the detach keys out of what was read; half of them may come now and half later.
static void scan_keys(struct front *front, struct flow *flow) {
  const struct pty_options *options = front->options;
  char passed[FLOW_SIZE];
  size_t size = 0;
  for (size_t at = flow->begin; at < flow->end && !front->detached; at++) {
    char byte = flow->bytes[at];
    if (byte == options->keys[front->matched]) {
      front->detached = ++front->matched == options->key_count;
      continue;
    }
    memcpy(passed + size, options->keys, front->matched); // it was no sequence after all
    size += front->matched;
    front->matched = byte == options->keys[0];
    if (front->matched == 0) passed[size++] = byte;
  }
  memcpy(flow->bytes, passed, flow->end = size);
}

static void take_input(struct front *front) {
  struct flow *flow = &front->in;
  const struct pty_options *options = front->options;
  flow_read(flow, sizeof flow->bytes - options->key_count - 2); // with room for keys held back, and for the end
  if (flow->from >= 0) {
    if (options->key_count > 0) scan_keys(front, flow);
  } else {
    memcpy(flow->bytes, options->keys, front->matched);
    flow->end = front->matched;
  }
  if (flow->end > 0) front->in_line = flow->bytes[flow->end - 1] != '\n';
  if (flow->from >= 0) return;
  // In the middle of a line the first only hands the line over.
  for (int left = front->in_line ? 2 : 1; left > 0; left--) flow->bytes[flow->end++] = END_OF_INPUT;
}

static struct pollfd watch(int fd, short events) {
  return (struct pollfd){.fd = events == 0 ? -1 : fd, .events = events}; // without events it would still tell a hang-up
}

// False: the command has ended, and all it wrote is written.
static bool turn(struct front *front) {
  enum { SIGNALS, CONSOLE, INPUT, MASTER, OUTPUT, SLOTS };
  struct flow *in = &front->in, *out = &front->out;
  take_console(front);
  if (front->ended && (out->from < 0 || front->last_words > LAST_WORDS_LIMIT) && !has_rest(out)) return false;
  bool reads = !has_rest(out) && out->from >= 0, types = has_rest(in) && in->to >= 0;
  struct pollfd slots[SLOTS] = {
      [SIGNALS] = watch(front->signals, POLLIN),
      [CONSOLE] = watch(console_fd(&front->console), POLLIN),
      [INPUT] = watch(in->from, !has_rest(in) && in->to >= 0 ? POLLIN : 0),
      [MASTER] = watch(front->master, (short)((reads ? POLLIN : 0) | (types ? POLLOUT : 0))),
      [OUTPUT] = watch(out->to, has_rest(out) ? POLLOUT : 0),
  };
  int ready = poll(slots, SLOTS, front->ended && !has_rest(out) ? LAST_WORDS_MS : -1);
  if (ready == 0) return false;
  if (ready < 0) return true; // EINTR: stopped and continued
  if (slots[SIGNALS].revents != 0) take_signals(front);
  if (slots[INPUT].revents != 0) take_input(front);
  if (types && slots[MASTER].revents & ~POLLIN) flow_write(in);
  if (reads && slots[MASTER].revents & ~POLLOUT) flow_read(out, sizeof out->bytes);
  if (front->ended) front->last_words += out->end - out->begin;
  if (slots[OUTPUT].revents != 0) flow_write(out);
  if (out->to < 0) io_close(&front->master); // nobody reads: to the command its terminal is gone
  if (front->master < 0) out->from = in->to = -1;
  return true;
}

// A pipe of the caller's would have no end as long as we hold it, and a lock no other owner.
static void close_all_but(int kept) {
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) close(fd); // kept is above: see process_ensure_stdio
  syscall(KERNEL_NR_CLOSE_RANGE, STDERR_FILENO + 1, kept - 1, 0);   // before Linux 5.9 the others stay open
  syscall(KERNEL_NR_CLOSE_RANGE, kept + 1, ~0u, 0);
}

// Somebody must keep the terminal and read it, or the command would hang or be hung up on.
static void leave_keeper(int master) {
  char thrown_away[FLOW_SIZE];
  if (fork() != 0) return;
  close_all_but(master);
  setsid();
  fcntl(master, F_SETFL, O_RDWR);
  while (RETRY(read(master, thrown_away, sizeof thrown_away)) > 0) continue;
  _exit(CODE_OK);
}

static int find_screen(void) {
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
    if (isatty(fd)) return fd;
  return -1;
}

int pty_run(const struct pty_options *options, char *const *command) {
  struct front front = {.options = options,
                        .console = CONSOLE_NONE,
                        .master = -1,
                        .screen = find_screen(),
                        .in = {.from = -1, .to = -1},
                        .out = {.from = -1, .to = STDOUT_FILENO}};
  front.raw = options->input && tcgetattr(STDIN_FILENO, &front.before) == 0;
  watch_signals(&front);
  spawn(&front, command);
  make_raw(&front);
  while (turn(&front))
    if (front.detached && !(has_rest(&front.in) && front.in.to >= 0)) break;
  if (front.detached) leave_keeper(front.master);
  console_close(&front.console);
  restore(&front);
  return front.detached ? CODE_OK : process_exit_code(front.status);
}

int pty_keep(const struct pty_options *options, char *const *argv) {
  struct console console;
  struct command command = command_on(options, argv, -1);
  int master = -1;
  listen_at(&console, options->console);
  int code = process_run(&command);
  if (code < 0) {
    unix_socket_unlink(&console.socket);
    process_cannot_exec("ns", argv[0]);
  }
  console_take(&console, &master); // sent before the command ended
  console_close(&console);
  if (code == CODE_OK && master >= 0) leave_keeper(master);
  return code;
}
