// Ending a container in time, see deadlines.h.
#include "deadlines.h"

#include "children.h"
#include "clock.h"

#include <signal.h>

void deadlines_begin(struct session *session) {
  uint64_t timeout = session->runtime->spec->timeout;
  session->deadline = timeout == 0 ? 0 : clock_ms() + (int64_t)timeout;
}

void deadlines_stop(struct session *session) {
  const struct spec *spec = session->runtime->spec;
  int64_t end = clock_ms() + (int64_t)spec->stop_timeout;
  children_signal_container(session, (int)spec->stop_signal);
  if (session->deadline == 0 || end < session->deadline) session->deadline = end;
}

int64_t deadlines_due(const struct session *session) { return session->phase == PHASE_RUN ? session->deadline : 0; }

void deadlines_turn(struct session *session) {
  int64_t due = deadlines_due(session);
  if (due == 0 || clock_ms() < due) return;
  session->deadline = 0;
  children_signal_container(session, SIGKILL);
}
