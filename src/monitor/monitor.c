// Saying why a step failed, see monitor.h.
#include "monitor.h"

int monitor_failure(struct monitor *monitor, const char *verb, const char *object) {
  int cause = errno;
  buffer_printf(&monitor->why, "%s: %s: %s", verb, object, strerror(cause));
  return -1;
}
