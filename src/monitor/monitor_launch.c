// The steps of a launch in their one right order (PROTOCOL.md, What it does; measured in the order chosen there).
#include "monitor_launch.h"

#include "children.h"
#include "container.h"
#include "notify.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>

static bool go_said(const struct session *session) { return session->go; }
static bool start_said(const struct session *session) { return session->start_asked; }

static int open_directories(struct monitor *monitor) {
  int fd = open(monitor->spec->run_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return monitor_failure(monitor, "open", monitor->spec->run_dir);
  monitor->session.run_dirfd = monitor->runtime.run_dirfd = fd;
  monitor->bundle_fd = open(monitor->spec->bundle, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  return monitor->bundle_fd < 0 ? monitor_failure(monitor, "open", monitor->spec->bundle) : 0;
}

// One monitor per container, whoever raced: the kernel keeps the lock for as long as this process lives.
static int claim_container(struct monitor *monitor) {
  monitor->claimed = RETRY(flock(monitor->bundle_fd, LOCK_EX | LOCK_NB)) == 0;
  return monitor->claimed ? 0 : monitor_failure(monitor, "lock", monitor->spec->bundle);
}

static int make_groups(struct monitor *monitor) {
  return cgroup1_make(&monitor->groups, monitor->spec, &monitor->why);
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
  return container_await(monitor, go_said);
}

static int open_log(struct monitor *monitor) {
  const struct spec *spec = monitor->spec;
  const struct words *fields = &spec->journal_fields;
  if (journal_open(&monitor->session.journal, spec->journal, fields->list, fields->count) < 0)
    return monitor_failure(monitor, "open", spec->journal);
  if (log_open(&monitor->session.log, spec->log, spec->log_max_size, spec->log_max_files) == 0) return 0;
  if (errno != ENOSPC && errno != EDQUOT) return monitor_failure(monitor, "open", monitor->spec->log);
  warn("open: %s: %s", monitor->spec->log, strerror(errno)); // a full disk costs the log, not the container
  return 0;
}

static int create(struct monitor *monitor) {
  struct session *session = &monitor->session;
  char pids[32];
  if (open_log(monitor) < 0) return -1;
  if (notify_open(session) < 0) return monitor_failure(monitor, "listen", "notify.sock");
  if (container_create(monitor) < 0) return -1;
  if (unix_socket_listen(&session->attach, monitor->spec->socket) < 0)
    return monitor_failure(monitor, "listen", monitor->spec->socket);
  snprintf(pids, sizeof pids, "%d %d", (int)getpid(), (int)session->container.pid);
  clients_send(&session->clients, THE_FIRST, 'c', pids, strlen(pids));
  session->may_wait = monitor->spec->only_init;
  return container_await(monitor, start_said);
}

static int start(struct monitor *monitor) {
  if (container_start(monitor) < 0) return -1;
  clients_send(&monitor->session.clients, monitor->spec->only_init ? EVERYONE : THE_FIRST, 'r', NULL, 0);
  return 0;
}

static int watch_children(struct monitor *monitor) {
  if (children_watch(&monitor->session) == 0) return 0;
  return monitor_failure(monitor, "watch", "children");
}

const char *monitor_launch(struct monitor *monitor) {
  static const struct step {
    const char *name;
    int (*take)(struct monitor *monitor);
  } steps[] = {
      {"spec", open_directories}, {"busy", claim_container}, {"cgroup", make_groups},
      {"userns", watch_children}, {"userns", enter_userns},  {"mount", unshare_mounts},
      {"cgroup", graft_cgroup},   {"rootfs", mount_rootfs},  {"create", create},
      {"start", start},
  };
  monitor->session.clients.list[0].attached = monitor->spec->attach;
  for (size_t index = 0; index < sizeof steps / sizeof steps[0]; index++)
    if (steps[index].take(monitor) < 0) return steps[index].name;
  return NULL;
}
