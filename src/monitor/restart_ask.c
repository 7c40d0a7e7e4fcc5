// A restart that a client asks for, see restart_ask.h.
#include "restart_ask.h"

#include "children.h"
#include "deadlines.h"
#include "events.h"

#define SIGNAL_MAX 64

bool restart_is_asked(const struct session *session) { return session->asked || clients_wait(&session->clients); }

// Without a grace the end may never come, so there must be somebody who waits for it. With one it comes, and the restart
// is whole even if whoever asked is killed: no container stays stopped half-way.
static void stop(struct session *session, int signal, const char *grace, uint64_t grace_ms) {
  if (grace == NULL) return children_signal_container(session, signal);
  session->asked = true;
  deadlines_stop_by(session, signal, grace_ms);
}

bool restart_ask(struct session *session, struct client *client, char *text) {
  uint64_t signal, grace_ms = 0;
  char *grace = strchr(text, ' ');
  if (grace != NULL) *grace++ = '\0';
  if (io_parse_u64(text, SIGNAL_MAX, &signal) < 0 || signal == 0) return false;
  if (grace != NULL && io_parse_u64(grace, UINT32_MAX, &grace_ms) < 0) return false;
  if (session->phase == PHASE_LAUNCH) return false;
  bool is_first = !restart_is_asked(session);
  client->waits = true;
  if (session->phase == PHASE_END) return true; // too late for this end; if there is a next run, it is in time for that
  session->last = false;
  if (session->phase == PHASE_RESTART) return true; // nothing is there to stop
  if (is_first) events_write(session->runtime->spec, "restart", "");
  stop(session, (int)signal, grace, grace_ms);
  return true;
}
