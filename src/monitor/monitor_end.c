// Ending a monitor, see monitor_end.h. The exit is told before the cleaning up, which takes longer than a short
// container's whole life; a failed launch is told after it, so that whoever hears of it may try again at once.
#include "monitor_end.h"

#include "children.h"
#include "report.h"
#include "streams.h"
#include "tree.h"
#include "userns.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>

#define DELETE_MS 10000 // a runtime that hangs must not keep the mounts
#define CALL_OFF_MS 1000 // time to end by itself: killed half-way it leaves a control group that no delete knows of
#define REAP_MS 5000
#define TELL_MS 250 // a client that reads gets everything at once; a stopped one gets the rest after the cleaning up

static bool helper_ended(const struct session *session) { return session->helper.pid == 0 || session->helper.ended; }
static bool fuse_ended(const struct session *session) { return session->fuse.pid == 0 || session->fuse.ended; }
static bool all_served(const struct session *session) { return clients_all_served(&session->clients); }

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

static void delete_container(struct monitor *monitor) {
  struct session *session = &monitor->session;
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
}

static void end_rootfs(struct monitor *monitor) {
  struct session *session = &monitor->session;
  rootfs_unmount(&monitor->rootfs);
  if (loop_until(session, fuse_ended, REAP_MS) == 0) return;
  kill(session->fuse.pid, SIGKILL);
  loop_until(session, fuse_ended, REAP_MS);
}

static void close_streams(struct session *session) {
  if (session->input.is_tty) session->input.fd = -1; // the same descriptor as pty
  io_close(&session->input.fd);
  io_close(&session->pty);
  memory_watch_close(&session->memory);
  buffer_free(&session->input.rest);
}

// Everything but the clients, who may still have something to take.
static void undo(struct monitor *monitor) {
  struct session *session = &monitor->session;
  session->phase = PHASE_END;
  close_streams(session);
  delete_container(monitor);
  unix_socket_close(&session->attach);
  console_close(&session->console);
  end_rootfs(monitor);
  if (monitor->spec->remove_to != NULL && session->container.ended && monitor->runtime.log_gone &&
      tree_remove(monitor->spec->remove_to) < 0)
    warn("remove: %s: %s", monitor->spec->remove_to, strerror(errno));
  if (monitor->registered) userns_unregister(&monitor->spec->userns);
}

static void tell_failure(struct monitor *monitor, const char *step) {
  AUTO_BUFFER struct buffer text = {0};
  buffer_append(&monitor->why, "", 0);
  buffer_append(&text, step, strlen(step) + 1);
  buffer_append(&text, monitor->why.data, monitor->why.length);
  clients_send(&monitor->session.clients, THE_FIRST, '!', text.data, text.length);
  for (char *newline = monitor->why.data; (newline = strchr(newline, '\n')) != NULL;) *newline = ' ';
  warn("%s: %s: %s", step, monitor->spec->id == NULL ? "spec" : monitor->spec->id, monitor->why.data);
  loop_until(&monitor->session, all_served, DELETE_MS);
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

// The name is free and the container gone before anyone hears of its end; its files are removed afterwards.
static void take_names_away(struct monitor *monitor) {
  const struct spec *spec = monitor->spec;
  unix_socket_unlink(&monitor->session.attach);
  if (spec->remove_dir == NULL) return;
  if (rename(spec->remove_dir, spec->remove_to) < 0) warn("rename: %s: %s", spec->remove_dir, strerror(errno));
  else monitor->runtime.log_gone = true;
  if (unlink(spec->remove_name) < 0 && errno != ENOENT) warn("unlink: %s: %s", spec->remove_name, strerror(errno));
}

static struct exit_facts settle_exit(struct monitor *monitor) {
  struct session *session = &monitor->session;
  int status = session->container.status;
  memory_watch_update(&session->memory);
  struct exit_facts facts = {process_exit_code(status), WIFSIGNALED(status) ? WTERMSIG(status) : 0,
                             memory_watch_verdict(&session->memory)};
  memory_watch_close(&session->memory); // of a removed group it would be ready to poll for ever
  if (report_exit(session->run_dirfd, &facts, monitor->spec->remove_dir == NULL) < 0)
    warn("write: %s/exit.json: %s", monitor->spec->run_dir, strerror(errno));
  return facts;
}

static void tell_exit(struct monitor *monitor, const struct exit_facts *facts) {
  AUTO_BUFFER struct buffer last_words = {0};
  struct clients *clients = &monitor->session.clients;
  char text[48];
  runtime_log_tail(&monitor->runtime, monitor->start_log_size, &last_words);
  if (last_words.length > 0) clients_send(clients, EVERYONE, 'l', last_words.data, last_words.length);
  snprintf(text, sizeof text, "%d %d %d", facts->code, facts->signal, facts->oom);
  clients_send(clients, EVERYONE, 'x', text, strlen(text));
  loop_until(&monitor->session, all_served, TELL_MS);
}

int monitor_finish(struct monitor *monitor) {
  struct session *session = &monitor->session;
  loop_once(session); // who connected and asked for the output before this moment gets it
  session->phase = PHASE_END;
  stream_drain(session, &session->out);
  stream_drain(session, &session->err);
  struct exit_facts facts = settle_exit(monitor);
  take_names_away(monitor);
  loop_accept(session); // the name is gone, so nobody comes after these
  tell_exit(monitor, &facts);
  undo(monitor);
  loop_until(session, all_served, LOOP_FOREVER);
  return CODE_OK;
}
