// The steps of a launch in their one right order (PROTOCOL.md, What it does; measured in the order chosen there).
#include "monitor_launch.h"

#include "children.h"
#include "guard.h"
#include "report.h"
#include "streams.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>

static bool go_said(const struct session *session) { return session->go; }
static bool start_said(const struct session *session) { return session->start_asked; }
static bool helper_ended(const struct session *session) { return session->helper.ended; }

static int failure(struct monitor *monitor, const char *verb, const char *object) {
  int cause = errno;
  buffer_printf(&monitor->why, "%s: %s: %s", verb, object, strerror(cause));
  return -1;
}

// Waits for what only the first client can say.
static int wait_for(struct monitor *monitor, loop_goal goal) {
  if (loop_until(&monitor->session, goal, LOOP_FOREVER) == 0) return 0;
  buffer_printf(&monitor->why, "called off");
  return -1;
}

static int open_directories(struct monitor *monitor) {
  int fd = open(monitor->spec->run_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return failure(monitor, "open", monitor->spec->run_dir);
  monitor->session.run_dirfd = monitor->runtime.run_dirfd = fd;
  monitor->bundle_fd = open(monitor->spec->bundle, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  return monitor->bundle_fd < 0 ? failure(monitor, "open", monitor->spec->bundle) : 0;
}

// One monitor per container, whoever raced: the kernel keeps the lock for as long as this process lives.
static int claim_container(struct monitor *monitor) {
  monitor->claimed = RETRY(flock(monitor->bundle_fd, LOCK_EX | LOCK_NB)) == 0;
  return monitor->claimed ? 0 : failure(monitor, "lock", monitor->spec->bundle);
}

static int enter_userns(struct monitor *monitor) {
  // Registered first: the entry then goes away whichever way this ends.
  monitor->registered = true;
  return userns_enter(&monitor->spec->userns, true, &monitor->why);
}

static int unshare_mounts(struct monitor *monitor) { return rootfs_unshare_mounts(&monitor->why); }

static int graft_cgroup(struct monitor *monitor) {
  bool disabled = false;
  if (cgroup_graft(&disabled, &monitor->why) < 0) return -1;
  monitor->runtime.cgroup_manager = disabled ? "disabled" : monitor->spec->cgroup_manager;
  return 0;
}

static int mount_rootfs(struct monitor *monitor) {
  AUTO_BUFFER struct buffer files = {0};
  struct session *session = &monitor->session;
  int mounted = rootfs_mount(monitor->spec, &monitor->rootfs, &monitor->why);
  session->fuse.pid = monitor->rootfs.fuse_pid;
  if (mounted < 0 || rootfs_read_files(monitor->spec, &monitor->rootfs, &files, &monitor->why) < 0) return -1;
  clients_send(&session->clients, THE_FIRST, 'm', files.data, files.length);
  return wait_for(monitor, go_said);
}

static int open_log(struct monitor *monitor) {
  if (log_open(&monitor->session.log, monitor->spec->log) == 0) return 0;
  if (errno != ENOSPC && errno != EDQUOT) return failure(monitor, "open", monitor->spec->log);
  warn("open: %s: %s", monitor->spec->log, strerror(errno)); // a full disk costs the log, not the container
  return 0;
}

// A pipe whose one end (*ours, non-blocking) stays here and whose other end (*theirs) becomes the container's.
static int make_pipe(int *ours, int *theirs, bool to_container) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) < 0) return -1;
  *ours = ends[to_container ? 1 : 0];
  *theirs = ends[to_container ? 0 : 1];
  return fcntl(*ours, F_SETFL, O_NONBLOCK);
}

static int spawn_create(struct monitor *monitor) {
  struct session *session = &monitor->session;
  AUTO_CLOSE int in = -1;
  AUTO_CLOSE int out = -1;
  AUTO_CLOSE int err = -1;
  AUTO_BUFFER struct buffer console = {0};
  if (monitor->spec->tty) {
    buffer_printf(&console, "%s/console", monitor->spec->run_dir);
    if (unix_socket_listen(&session->console.socket, console.data) < 0) return failure(monitor, "listen", console.data);
  } else if ((monitor->spec->keep_stdin && make_pipe(&session->input.fd, &in, true) < 0) ||
             make_pipe(&session->out.fd, &out, false) < 0 || make_pipe(&session->err.fd, &err, false) < 0) {
    return failure(monitor, "make", "pipe");
  }
  monitor->created = true;
  if (monitor->spec->tty) { // short: runc's connect ends at sun_path
    buffer_clear(&console);
    buffer_printf(&console, "/proc/%d/fd/%d/console", (int)getpid(), session->run_dirfd);
  }
  pid_t pid = guard_create(&monitor->runtime, &(struct runtime_stdio){in, out, err}, console.data);
  if (pid < 0) {
    if (errno == ENOENT) buffer_printf(&monitor->why, "runtime: not found");
    return errno == ENOENT ? -1 : failure(monitor, "runtime", monitor->spec->runtime);
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
static int wait_for_runtime(struct monitor *monitor, off_t log_from) {
  if (wait_for(monitor, helper_ended) < 0) return -1;
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

static int write_monitor_json(struct monitor *monitor, const char *started_at) {
  const struct monitor_facts facts = {monitor->session.container.pid, monitor->container_start, started_at};
  if (report_monitor(monitor->session.run_dirfd, &facts) == 0) return 0;
  return failure(monitor, "write", "monitor.json");
}

static int create(struct monitor *monitor) {
  struct session *session = &monitor->session;
  char pids[32];
  if (open_log(monitor) < 0 || spawn_create(monitor) < 0 || wait_for_runtime(monitor, 0) < 0) return -1;
  if (take_terminal(monitor) < 0) return -1;
  if (session->container.pid == 0) session->container.pid = children_read_container_pid(session);
  if (session->container.pid == 0) return failure(monitor, "read", "pid");
  monitor->container_start = process_start_time(session->container.pid);
  memory_watch_begin(&session->memory, session->container.pid);
  if (write_monitor_json(monitor, NULL) < 0) return -1;
  if (unix_socket_listen(&session->attach, monitor->spec->socket) < 0)
    return failure(monitor, "listen", monitor->spec->socket);
  snprintf(pids, sizeof pids, "%d %d", (int)getpid(), (int)session->container.pid);
  clients_send(&session->clients, THE_FIRST, 'c', pids, strlen(pids));
  return wait_for(monitor, start_said);
}

static int start(struct monitor *monitor) {
  struct session *session = &monitor->session;
  char started_at[REPORT_TIME_SIZE];
  // A container whose command cannot be executed writes to the log before the runtime's start has even returned.
  monitor->start_log_size = runtime_log_size(&monitor->runtime);
  pid_t pid = runtime_start(&monitor->runtime);
  if (pid < 0) return failure(monitor, "runtime", monitor->spec->runtime);
  session->helper = (struct child){.pid = pid};
  if (wait_for_runtime(monitor, monitor->start_log_size) < 0) return -1;
  report_time(started_at);
  if (write_monitor_json(monitor, started_at) < 0) return -1;
  clients_send(&session->clients, THE_FIRST, 'r', NULL, 0);
  session->phase = PHASE_RUN;
  return 0;
}

static int watch_children(struct monitor *monitor) {
  if (children_watch(&monitor->session) == 0) return 0;
  return failure(monitor, "watch", "children");
}

const char *monitor_launch(struct monitor *monitor) {
  static const struct step {
    const char *name;
    int (*take)(struct monitor *monitor);
  } steps[] = {
      {"spec", open_directories}, {"busy", claim_container}, {"userns", watch_children},
      {"userns", enter_userns},   {"mount", unshare_mounts}, {"cgroup", graft_cgroup},
      {"rootfs", mount_rootfs},   {"create", create},        {"start", start},
  };
  monitor->session.clients.list[0].attached = monitor->spec->attach;
  for (size_t index = 0; index < sizeof steps / sizeof steps[0]; index++)
    if (steps[index].take(monitor) < 0) return steps[index].name;
  return NULL;
}
