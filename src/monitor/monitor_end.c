// Ending a monitor, see monitor_end.h. The exit is told before the cleaning up, which takes longer than a short
// container's whole life; a failed launch is told after it, so that whoever hears of it may try again at once.
#include "monitor_end.h"

#include "container.h"
#include "events.h"
#include "notify.h"
#include "streams.h"
#include "tree.h"
#include "userns.h"

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>

#define REAP_MS 5000
#define SERVE_MS 10000 // whoever does not take the news of a failure
#define TELL_MS 250 // a client that reads gets everything at once; a stopped one gets the rest after the cleaning up

static bool fuse_ended(const struct session *session) { return session->fuse.pid == 0 || session->fuse.ended; }
static bool all_served(const struct session *session) { return clients_all_served(&session->clients); }

static void end_rootfs(struct monitor *monitor) {
  struct session *session = &monitor->session;
  rootfs_unmount(&monitor->rootfs);
  if (loop_until(session, fuse_ended, REAP_MS) == 0) return;
  kill(session->fuse.pid, SIGKILL);
  loop_until(session, fuse_ended, REAP_MS);
}

// Everything but the clients, who may still have something to take.
static void undo(struct monitor *monitor) {
  struct session *session = &monitor->session;
  session->phase = PHASE_END;
  container_remove(monitor);
  unix_socket_close(&session->attach);
  notify_close(session);
  end_rootfs(monitor);
  cgroup1_remove(&monitor->groups);
  if (monitor->runtime.log_gone && tree_remove(monitor->spec->remove_to) < 0)
    warn("remove: %s: %s", monitor->spec->remove_to, strerror(errno));
  if (monitor->registered) userns_unregister(&monitor->spec->userns);
}

static void tell_failure(struct monitor *monitor, const char *step) {
  AUTO_BUFFER struct buffer text = {0};
  buffer_append(&monitor->why, "", 0);
  buffer_append(&text, step, strlen(step) + 1);
  buffer_append(&text, monitor->why.data, monitor->why.length);
  clients_send(&monitor->session.clients, monitor->spec->only_init ? EVERYONE : THE_FIRST, '!', text.data, text.length);
  for (char *newline = monitor->why.data; (newline = strchr(newline, '\n')) != NULL;) *newline = ' ';
  warn("%s: %s: %s", step, monitor->spec->id == NULL ? "spec" : monitor->spec->id, monitor->why.data);
  loop_until(&monitor->session, all_served, SERVE_MS);
}

int monitor_give_up(struct monitor *monitor, const char *step) {
  undo(monitor);
  // A container that never ran leaves nothing that could be taken for a running one.
  if (monitor->claimed) {
    unlinkat(monitor->session.run_dirfd, "monitor.json", 0);
    unlinkat(monitor->session.run_dirfd, "pid", 0);
  }
  tell_failure(monitor, step);
  return CODE_INPUT;
}

// By what the container is called now: it may have been renamed since its start.
static void remove_name(const struct spec *spec) {
  AUTO_BUFFER struct buffer name = {0};
  AUTO_CLOSE int dirfd = open(spec->remove_to, O_PATH | O_DIRECTORY | O_CLOEXEC);
  AUTO_CLOSE int names = open(spec->remove_names, O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (io_read_file(dirfd, "name", &name, NAME_MAX + 1) < 0) return warn("read: %s/name: %s", spec->remove_to, strerror(errno));
  name.data[strcspn(name.data, "\n")] = '\0';
  if (strchr(name.data, '/') != NULL) return warn("read: %s/name: not a name", spec->remove_to);
  if (unlinkat(names, name.data, 0) < 0 && errno != ENOENT) warn("unlink: %s: %s", name.data, strerror(errno));
}

// The name is free and the container gone before anyone hears of its end; its files are removed afterwards.
static void take_names_away(struct monitor *monitor) {
  const struct spec *spec = monitor->spec;
  AUTO_BUFFER struct buffer event = {0};
  unix_socket_unlink(&monitor->session.attach);
  if (spec->remove_dir == NULL) return;
  events_read(spec, &event); // it may lie in what goes away now
  bool is_ours = rename(spec->remove_dir, spec->remove_to) == 0;
  if (is_ours) monitor->runtime.log_gone = true;
  else warn("rename: %s: %s", spec->remove_dir, strerror(errno));
  remove_name(spec);
  if (is_ours) events_write_of(spec, "remove", "", &event); // else whoever takes it away tells
}

static void write_exit(struct monitor *monitor) {
  if (report_exit(monitor->session.run_dirfd, &monitor->last, monitor->spec->remove_dir == NULL) < 0)
    warn("write: %s/exit.json: %s", monitor->spec->run_dir, strerror(errno));
}

static void tell_exit(struct monitor *monitor) {
  AUTO_BUFFER struct buffer last_words = {0};
  struct clients *clients = &monitor->session.clients;
  runtime_log_tail(&monitor->runtime, monitor->start_log_size, &last_words);
  if (last_words.length > 0) clients_send(clients, EVERYONE, 'l', last_words.data, last_words.length);
  container_tell_end(monitor, 'x');
  loop_until(&monitor->session, all_served, TELL_MS);
}

int monitor_finish(struct monitor *monitor) {
  struct session *session = &monitor->session;
  session->phase = PHASE_END;
  write_exit(monitor);
  take_names_away(monitor);
  loop_accept(session); // the name is gone, so nobody comes after these
  tell_exit(monitor);
  undo(monitor);
  io_close(&monitor->bundle_fd); // whoever has stopped reading does not keep the container from its next start
  loop_until(session, all_served, LOOP_FOREVER);
  return CODE_OK;
}
