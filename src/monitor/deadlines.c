// Ending a container in time, see deadlines.h.
#include "deadlines.h"

#include "children.h"
#include "clock.h"

#include <signal.h>

void deadlines_begin(struct session *session) {
  uint64_t timeout = session->runtime->spec->timeout;
  session->deadline = timeout == 0 ? 0 : clock_ms() + (int64_t)timeout;
}

void deadlines_stop_by(struct session *session, int signal, uint64_t grace_ms) {
  int64_t end = clock_ms() + (int64_t)grace_ms;
  children_signal_container(session, signal);
  if (session->deadline == 0 || end < session->deadline) session->deadline = end;
}

void deadlines_stop(struct session *session) {
  const struct spec *spec = session->runtime->spec;
  deadlines_stop_by(session, (int)spec->stop_signal, spec->stop_timeout);
}

int64_t deadlines_due(const struct session *session) { return session->phase == PHASE_RUN ? session->deadline : 0; }

void deadlines_turn(struct session *session) {
  int64_t due = deadlines_due(session);
  if (due == 0 || clock_ms() < due) return;
  session->deadline = 0;
  children_signal_container(session, SIGKILL);
}
