// The life of health checks, see health.h.
#include "health.h"

#include "cgroup1.h"
#include "cgroup_path.h"
#include "children.h"
#include "clock.h"
#include "deadlines.h"
#include "events.h"
#include "health_log.h"
#include "notify.h"

#include <signal.h>
#include <stdio.h>

// What `h` is answered.
enum answer { ANSWER_PASSED, ANSWER_FAILED, ANSWER_NONE };

static const struct spec *spec_of(const struct session *session) { return session->runtime->spec; }

static const struct check *current_check(const struct session *session) {
  return session->health.started_up ? &spec_of(session)->health : &spec_of(session)->startup;
}

static bool is_running(const struct health *health) { return health->run.child.pid > 0; }

static bool is_frozen(const struct session *session) {
  return cgroup1_is_frozen(session->runtime->groups) || cgroup_is_frozen(session->container.pid);
}

// With a pid namespace the check is killed and reaped before the first process can be.
static bool is_over(const struct session *session) {
  return session->container.ended || process_is_ending(session->container.pid);
}

// Failures do not count yet.
static bool is_start_period(const struct health *health) { return !health->passed && clock_ms() < health->period_end; }

static void schedule(struct session *session) {
  uint64_t interval = current_check(session)->interval, early = spec_of(session)->health_start_interval;
  if (early != 0 && session->health.started_up && is_start_period(&session->health)) interval = early;
  session->health.due = interval == 0 ? 0 : clock_ms() + (int64_t)interval;
}

static void answer(struct session *session, enum answer answer) {
  char text[2] = {(char)('0' + answer), '\0'};
  clients_send(&session->clients, THE_ASKING, 'h', text, 1);
  clients_answered(&session->clients);
}

void health_begin(struct session *session) {
  const struct spec *spec = spec_of(session);
  struct health *health = &session->health;
  if (spec->health.process == NULL) return;
  health->status = HEALTH_STARTING;
  health->streak = health->passes = 0;
  health->passed = false;
  health->started_up = spec->startup.process == NULL;
  health->period_end = clock_ms() + (int64_t)spec->health_start_period;
  schedule(session);
  health_log_write(session);
}

void health_end(struct session *session) {
  struct health *health = &session->health;
  health->due = 0;
  check_run_kill(&health->run);
  check_run_free(&health->run);
  answer(session, ANSWER_NONE);
}

static void stop_and_start_again(struct session *session) {
  session->again = true;
  deadlines_stop(session);
}

static void act_on_failure(struct session *session) {
  switch (spec_of(session)->on_failure) {
  case ON_FAILURE_NONE: break;
  case ON_FAILURE_KILL: children_signal_container(session, SIGKILL); break;
  case ON_FAILURE_RESTART: stop_and_start_again(session); break;
  case ON_FAILURE_STOP:
    session->last = true;
    deadlines_stop(session);
    break;
  }
}

static void judge_startup(struct session *session, bool passed) {
  const struct spec *spec = spec_of(session);
  struct health *health = &session->health;
  health->passes = passed ? health->passes + 1 : 0;
  health->streak = passed ? 0 : health->streak + 1;
  if (passed && health->passes >= spec->startup_success) health->started_up = true;
  if (!passed && health->streak == spec->startup.retries) stop_and_start_again(session);
}

static void judge(struct session *session, bool passed) {
  struct health *health = &session->health;
  if (passed) {
    health->passed = true;
    health->streak = 0;
    health->status = HEALTH_HEALTHY;
    if (spec_of(session)->notify == NOTIFY_HEALTHY) notify_ready(session);
    return;
  }
  if (is_start_period(health)) return;
  health->streak++;
  if (health->streak < spec_of(session)->health.retries || health->status == HEALTH_UNHEALTHY) return;
  health->status = HEALTH_UNHEALTHY;
  act_on_failure(session);
}

static void tell_change(const struct session *session) {
  char details[48];
  snprintf(details, sizeof details, "\"HealthStatus\":\"%s\",", health_log_status(session->health.status));
  events_write(spec_of(session), "health_status", details);
}

static void conclude(struct session *session, int code) {
  struct health *health = &session->health;
  enum health_status before = health->status;
  health_log_add(session, code);
  check_run_free(&health->run);
  if (health->started_up) judge(session, code == 0);
  else judge_startup(session, code == 0);
  health_log_write(session);
  if (health->status != before) tell_change(session);
  answer(session, code == 0 ? ANSWER_PASSED : ANSWER_FAILED);
  schedule(session);
}

// Nothing was found out.
static void skip(struct session *session) {
  check_run_free(&session->health.run);
  answer(session, ANSWER_NONE);
  schedule(session);
}

static void begin(struct session *session) {
  struct check_run *run = &session->health.run;
  if (is_frozen(session)) return skip(session);
  if (check_run_begin(run, session->runtime, current_check(session)) == 0) return;
  buffer_printf(&run->output, "run: %s: %s", spec_of(session)->runtime, strerror(errno));
  conclude(session, -1);
}

static void finish(struct session *session) {
  struct check_run *run = &session->health.run;
  int code = check_run_settle(run, health_log_output_limit(spec_of(session)));
  if (code != 0 && (run->excused || is_frozen(session) || is_over(session))) return skip(session); // it had no chance
  if (run->timed_out) {
    bool glued = run->output.length > 0 && run->output.data[run->output.length - 1] != '\n';
    buffer_printf(&run->output, "%stimed out after %llu ms\n", glued ? "\n" : "",
                  (unsigned long long)current_check(session)->timeout);
  }
  conclude(session, code);
}

int64_t health_due(const struct session *session) {
  const struct health *health = &session->health;
  if (session->phase != PHASE_RUN) return 0;
  if (!is_running(health)) return health->due;
  return health->run.timed_out ? 0 : health->run.deadline;
}

void health_turn(struct session *session) {
  struct health *health = &session->health;
  bool asked = clients_ask(&session->clients);
  int64_t due = health_due(session);
  bool is_due = due != 0 && clock_ms() >= due;
  if (session->phase != PHASE_RUN || spec_of(session)->health.process == NULL) {
    if (asked) answer(session, ANSWER_NONE);
  } else if (is_running(health) && health->run.child.ended) {
    finish(session);
  } else if (is_running(health) && is_due) {
    health->run.timed_out = true;
    health->run.excused = is_frozen(session); // in version 1 it dies when the container is thawed
    check_run_kill(&health->run);
  } else if (!is_running(health) && (is_due || asked)) {
    begin(session);
  }
}

void health_read(struct session *session) {
  check_run_read(&session->health.run, health_log_output_limit(spec_of(session)));
}
