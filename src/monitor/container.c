// Creating, starting and removing a container by its runtime, see container.h.
#include "container.h"

#include "children.h"
#include "clock.h"
#include "deadlines.h"
#include "events.h"
#include "guard.h"
#include "health.h"
#include "kept_fds.h"
#include "notify.h"
#include "pidfile.h"
#include "streams.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>

#define DELETE_MS 10000  // a runtime that hangs must not keep the mounts
#define CALL_OFF_MS 1000 // time to end by itself: killed half-way it leaves a control group that no delete knows of
#define REAP_MS 5000

static bool helper_ended(const struct session *session) { return session->helper.pid == 0 || session->helper.ended; }

int container_await(struct monitor *monitor, loop_goal goal) {
  if (loop_until(&monitor->session, goal, LOOP_FOREVER) == 0) return 0;
  buffer_printf(&monitor->why, "called off");
  return -1;
}

// A pipe whose one end (*ours, non-blocking) stays here and whose other end (*theirs) becomes the container's.
static int make_pipe(int *ours, int *theirs, bool to_container) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) < 0) return -1;
  *ours = ends[to_container ? 1 : 0];
  *theirs = ends[to_container ? 0 : 1];
  return fcntl(*ours, F_SETFL, O_NONBLOCK);
}

static int make_pipes(struct monitor *monitor, int *in, int *out, int *err) {
  struct session *session = &monitor->session;
  if (monitor->spec->keep_stdin && make_pipe(&session->input.fd, in, true) < 0) return -1;
  return make_pipe(&session->out.fd, out, false) < 0 ? -1 : make_pipe(&session->err.fd, err, false);
}

static int spawn_create(struct monitor *monitor) {
  struct session *session = &monitor->session;
  AUTO_CLOSE int in = -1;
  AUTO_CLOSE int out = -1;
  AUTO_CLOSE int err = -1;
  AUTO_BUFFER struct buffer console = {0};
  if (monitor->spec->tty) {
    buffer_printf(&console, "%s/console", monitor->spec->run_dir);
    if (unix_socket_listen(&session->console.socket, console.data) < 0)
      return monitor_failure(monitor, "listen", console.data);
  } else if (!monitor->spec->stdio_fds && make_pipes(monitor, &in, &out, &err) < 0) {
    return monitor_failure(monitor, "make", "pipe");
  }
  monitor->created = true;
  if (monitor->spec->tty) { // short: runc's connect ends at sun_path
    buffer_clear(&console);
    buffer_printf(&console, "/proc/%d/fd/%d/console", (int)getpid(), session->run_dirfd);
  }
  struct runtime_stdio stdio = {.in = in, .out = out, .err = err};
  kept_fds_give(monitor->spec, &stdio);
  pid_t pid = guard_create(&monitor->runtime, &stdio, console.data);
  if (pid < 0) {
    if (errno == ENOENT) buffer_printf(&monitor->why, "runtime: not found");
    return errno == ENOENT ? -1 : monitor_failure(monitor, "runtime", monitor->spec->runtime);
  }
  session->helper = (struct child){.pid = pid};
  session->console.socket.name = "console"; // the buffer with its path ends here
  return 0;
}

// The runtime's own words when it left any in its log, else how it ended.
static int runtime_failure(struct monitor *monitor, off_t log_from) {
  runtime_log_tail(&monitor->runtime, log_from, &monitor->why);
  if (monitor->why.length > 0) return -1;
  int code = process_exit_code(monitor->session.helper.status);
  if (code < 128) buffer_printf(&monitor->why, "runtime: exit %d", code);
  else buffer_printf(&monitor->why, "runtime: killed by signal %d", code - 128);
  return -1;
}

// 0 when the runtime's process ended well.
static int await_runtime(struct monitor *monitor, off_t log_from) {
  if (container_await(monitor, helper_ended) < 0) return -1;
  return monitor->session.helper.status == 0 ? 0 : runtime_failure(monitor, log_from);
}

static int take_terminal(struct monitor *monitor) {
  struct session *session = &monitor->session;
  if (!monitor->spec->tty) return 0;
  if (session->pty < 0) console_take(&session->console, &session->pty); // sent just before the runtime ended
  console_close(&session->console);
  if (session->pty < 0) {
    buffer_printf(&monitor->why, "runtime: sent no terminal");
    return -1;
  }
  session->out.is_tty = session->input.is_tty = true;
  session->out.fd = session->pty;
  if (monitor->spec->keep_stdin) session->input.fd = session->pty;
  loop_apply_size(session);
  return 0;
}

int container_report(struct monitor *monitor) {
  pid_t pid = monitor->session.container.pid;
  const struct monitor_facts facts = {
      .container = pid,
      .container_start = pid == 0 ? 0 : monitor->container_start,
      .started_at = monitor->started_at[0] == '\0' ? NULL : monitor->started_at,
      .restarts = monitor->restarts.count,
      .last = monitor->restarts.count > 0 || pid == 0 ? &monitor->last : NULL,
  };
  if (report_monitor(monitor->session.run_dirfd, &facts) == 0) return 0;
  return monitor_failure(monitor, "write", "monitor.json");
}

static int write_pidfiles(struct monitor *monitor) {
  const struct spec *spec = monitor->spec;
  if (spec->pidfile != NULL && pidfile_write(spec->pidfile, monitor->session.container.pid) < 0)
    return monitor_failure(monitor, "write", spec->pidfile);
  if (spec->monitor_pidfile != NULL && pidfile_write(spec->monitor_pidfile, getpid()) < 0)
    return monitor_failure(monitor, "write", spec->monitor_pidfile);
  return 0;
}

int container_create(struct monitor *monitor) {
  struct session *session = &monitor->session;
  if (spawn_create(monitor) < 0 || await_runtime(monitor, 0) < 0 || take_terminal(monitor) < 0) return -1;
  if (session->input.closing) { // said before there was a stdin
    session->input.closing = false;
    input_end(&session->input);
  }
  if (session->container.pid == 0) session->container.pid = children_read_container_pid(session);
  if (session->container.pid == 0) return monitor_failure(monitor, "read", "pid");
  monitor->container_start = process_start_time(session->container.pid);
  memory_watch_begin(&session->memory, session->container.pid, cgroup1_open_oom_control(&monitor->groups));
  if (cgroup1_join(&monitor->groups, session->container.pid, &monitor->why) < 0) return -1;
  return write_pidfiles(monitor) < 0 ? -1 : container_report(monitor);
}

int container_start(struct monitor *monitor) {
  struct session *session = &monitor->session;
  // A container whose command cannot be executed writes to the log before the runtime's start has even returned.
  monitor->start_log_size = runtime_log_size(&monitor->runtime);
  pid_t pid = runtime_start(&monitor->runtime);
  if (pid < 0) return monitor_failure(monitor, "runtime", monitor->spec->runtime);
  session->helper = (struct child){.pid = pid};
  if (await_runtime(monitor, monitor->start_log_size) < 0) return -1;
  report_time(monitor->started_at);
  monitor->started_ms = clock_ms();
  if (container_report(monitor) < 0) return -1;
  session->phase = PHASE_RUN;
  deadlines_begin(session);
  health_begin(session);
  events_write(monitor->spec, "start", "");
  if (monitor->spec->notify == NOTIFY_STARTED) notify_ready(session);
  return 0;
}

void container_settle(struct monitor *monitor) {
  struct session *session = &monitor->session;
  loop_once(session); // who connected and asked for the output before this moment gets it
  health_end(session);
  session->phase = PHASE_END;
  session->deadline = 0;
  stream_drain(session, &session->out);
  stream_drain(session, &session->err);
  int status = session->container.status;
  memory_watch_update(&session->memory);
  monitor->last = (struct exit_facts){.code = process_exit_code(status),
                                      .signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0,
                                      .oom = memory_watch_verdict(&session->memory)};
  report_time(monitor->last.finished_at);
  memory_watch_close(&session->memory); // of a removed group it would be ready to poll for ever
  container_tell_died(monitor);
}

void container_tell_died(const struct monitor *monitor) {
  char details[64];
  const struct exit_facts *facts = &monitor->last;
  snprintf(details, sizeof details, "\"ContainerExitCode\":%d,%s", facts->code, facts->oom > 0 ? "\"OOMKilled\":true," : "");
  events_write(monitor->spec, "died", details);
}

void container_tell_end(struct monitor *monitor, char frame) {
  char text[48];
  const struct exit_facts *facts = &monitor->last;
  snprintf(text, sizeof text, "%d %d %d", facts->code, facts->signal, facts->oom);
  clients_send(&monitor->session.clients, EVERYONE, frame, text, strlen(text));
}

static void close_streams(struct session *session) {
  if (session->input.is_tty) session->input.fd = -1; // the same descriptor as pty
  io_close(&session->input.fd);
  buffer_free(&session->input.rest);
  session->input = (struct input){.fd = -1};
  io_close(&session->pty);
  session->out.is_tty = session->out.resting = false;
  console_close(&session->console);
  memory_watch_close(&session->memory);
}

// What a killed runtime left half made, or a container without a pid namespace left behind, is our child by now, and so
// are their children in turn: asked after every one that was reaped.
static bool alone(const struct session *session) {
  return !process_kill_children(session->fuse.ended ? 0 : session->fuse.pid);
}

// False: it had to be ended.
static bool end_helper(struct session *session, int limit_ms) {
  if (loop_until(session, helper_ended, limit_ms) == 0) return true;
  kill(session->helper.pid, SIGKILL);
  loop_until(session, helper_ended, REAP_MS);
  return false;
}

void container_remove(struct monitor *monitor) {
  struct session *session = &monitor->session;
  close_streams(session);
  end_helper(session, CALL_OFF_MS); // a create or start that was called off
  if (!monitor->created) return;
  if (session->container.pid == 0) session->container.pid = children_read_container_pid(session);
  loop_until(session, alone, REAP_MS); // the container, and what a killed create left half made
  for (int attempt = 0; attempt < 2; attempt++) {
    pid_t pid = runtime_delete(&monitor->runtime);
    if (pid > 0) session->helper = (struct child){.pid = pid};
    if (!end_helper(session, DELETE_MS) || !WIFSIGNALED(session->helper.status)) break; // killed: once more
  }
  loop_until(session, alone, REAP_MS);
  monitor->created = false;
}
