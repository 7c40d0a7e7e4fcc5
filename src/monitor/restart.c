// The restart of a container, see restart.h.
#include "restart.h"

#include "clock.h"
#include "container.h"
#include "events.h"
#include "restart_ask.h"

#include <string.h>

#define SHORT_RUN_MS 10000 // a run that ended within this was hardly one
#ifndef FIRST_DELAY_MS     // a test of many restarts is built with less
#define FIRST_DELAY_MS 100
#define LAST_DELAY_MS 60000
#endif

bool restart_is_wanted(const struct monitor *monitor) {
  const struct spec *spec = monitor->spec;
  if (monitor->session.last) return false;
  if (monitor->session.again || restart_is_asked(&monitor->session)) return true;
  if (spec->restart == RESTART_NO || (spec->restart == RESTART_ON_FAILURE && monitor->last.code == 0)) return false;
  return spec->restart_max == 0 || monitor->restarts.by_policy < spec->restart_max;
}

static int next_delay(const struct monitor *monitor) {
  int before = monitor->restarts.delay;
  if (before == 0 || clock_ms() - monitor->started_ms >= SHORT_RUN_MS) return FIRST_DELAY_MS;
  return before > LAST_DELAY_MS / 2 ? LAST_DELAY_MS : before * 2;
}

// What the next run must not take for its own.
static void forget_run(struct monitor *monitor) {
  struct session *session = &monitor->session;
  session->container = session->helper = (struct child){0};
  unlinkat(session->run_dirfd, "pid", 0);
  unlinkat(session->run_dirfd, "oci.log", 0);
  monitor->start_log_size = 0;
  session->again = session->asked = false;
}

// 127, 126 or 125, as for a command that cannot be run: by the last line of the runtime's log.
static int failure_code(const char *log) {
  static const char *const absent[] = {"not found", "no such file", "No such file"};
  static const char *const unfit[] = {"ermission denied", "xec format error", "s a directory", "ot a directory",
                                      "peration not permitted"};
  if (strstr(log, "exec") == NULL) return 125;
  for (size_t index = 0; index < sizeof absent / sizeof absent[0]; index++)
    if (strstr(log, absent[index]) != NULL) return CODE_NOT_FOUND;
  for (size_t index = 0; index < sizeof unfit / sizeof unfit[0]; index++)
    if (strstr(log, unfit[index]) != NULL) return CODE_NOT_EXECUTABLE;
  return 125;
}

static void settle_failure(struct monitor *monitor) {
  monitor->last = (struct exit_facts){.code = failure_code(monitor->why.data), .oom = -1};
  report_time(monitor->last.finished_at);
  for (char *newline = monitor->why.data; (newline = strchr(newline, '\n')) != NULL;) *newline = ' ';
  warn("restart: %s: %s", monitor->spec->id, monitor->why.data);
  container_tell_died(monitor);
}

static void tell_waiting(struct monitor *monitor, char frame, const struct buffer *text) {
  struct clients *clients = &monitor->session.clients;
  clients_send(clients, THE_WAITING, frame, text->data, text->length);
  clients_waited(clients);
}

static bool fail(struct monitor *monitor, const char *step) {
  AUTO_BUFFER struct buffer text = {0};
  if (monitor->session.last) return false; // given up, which is no failure
  buffer_append(&monitor->why, "", 0);
  buffer_append(&text, step, strlen(step) + 1);
  buffer_append(&text, monitor->why.data, monitor->why.length);
  tell_waiting(monitor, '!', &text);
  settle_failure(monitor);
  return false;
}

static bool run_again(struct monitor *monitor, bool asked) {
  if (!asked) events_write(monitor->spec, "restart", ""); // else that was told before the stop
  if (container_create(monitor) < 0) return fail(monitor, "create");
  if (asked) events_write(monitor->spec, "init", "");
  if (container_start(monitor) < 0) return fail(monitor, "start");
  tell_waiting(monitor, 'r', &(struct buffer){0});
  return true;
}

// Before the run's remains are gone: whoever asked may leave meanwhile.
static bool plan_run(struct monitor *monitor) {
  struct restarts *restarts = &monitor->restarts;
  bool asked = restart_is_asked(&monitor->session);
  restarts->delay = asked ? 0 : next_delay(monitor);
  if (!asked && !monitor->session.again) restarts->by_policy++;
  return asked;
}

bool restart_container(struct monitor *monitor) {
  struct session *session = &monitor->session;
  bool asked = plan_run(monitor);
  container_remove(monitor);
  forget_run(monitor);
  session->phase = PHASE_RESTART;
  if (container_report(monitor) < 0) warn("%s", monitor->why.data);
  buffer_free(&monitor->why);
  container_tell_end(monitor, 'z'); // not before: from now on stdin is the next run's
  loop_until(session, restart_is_asked, monitor->restarts.delay);
  if (session->last) return false;
  if (!asked) monitor->restarts.count++;
  return run_again(monitor, asked);
}
