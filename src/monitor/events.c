// Appending to the event log, see events.h.
#include "events.h"

#include "report.h"

#include <fcntl.h>

#define TEXT_LIMIT (1u << 20)

// Read anew for each event: a container can be renamed.
void events_read(const struct spec *spec, struct buffer *text) {
  if (spec->events == NULL) return;
  if (io_read_file(AT_FDCWD, spec->event_file, text, TEXT_LIMIT) < 0)
    return warn("read: %s: %s", spec->event_file, strerror(errno));
  while (text->length > 0 && text->data[text->length - 1] == '\n') text->data[--text->length] = '\0';
}

void events_write_of(const struct spec *spec, const char *status, const char *details, const struct buffer *text) {
  AUTO_BUFFER struct buffer line = {0};
  char time[REPORT_TIME_SIZE];
  if (spec->events == NULL || text->length == 0) return;
  report_time(time);
  buffer_printf(&line, "{\"Type\":\"container\",\"Status\":\"%s\",\"Time\":\"%s\",%s", status, time, details);
  buffer_append(&line, text->data, text->length);
  buffer_append(&line, "}\n", 2);
  // Opened for each: whoever turns the log over only has to rename it. A fifo there must not make a monitor wait.
  AUTO_CLOSE int fd = open(spec->events, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0600);
  if (fd < 0 || RETRY(write(fd, line.data, line.length)) < 0) warn("write: %s: %s", spec->events, strerror(errno));
}

void events_write(const struct spec *spec, const char *status, const char *details) {
  AUTO_BUFFER struct buffer text = {0};
  events_read(spec, &text);
  events_write_of(spec, status, details, &text);
}
