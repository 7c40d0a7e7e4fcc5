// Appending to the event log, see events.h.
#include "events.h"

#include "report.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>

#define TEXT_LIMIT (1u << 20)

// Read anew for each event: a container can be renamed.
void events_read(const struct spec *spec, struct buffer *text) {
  if (spec->events == NULL) return;
  if (io_read_file(AT_FDCWD, spec->event_file, text, TEXT_LIMIT) < 0)
    return warn("read: %s: %s", spec->event_file, strerror(errno));
  while (text->length > 0 && text->data[text->length - 1] == '\n') text->data[--text->length] = '\0';
}

// Opened for each: whoever turns the log over only has to rename it. A fifo there must not make a monitor wait.
static int open_log(const char *path) {
  struct stat found;
  AUTO_CLOSE int fd = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0600);
  if (fd < 0 || fstat(fd, &found) < 0) return -1;
  if (S_ISREG(found.st_mode)) return io_take(&fd);
  errno = ENXIO;
  return -1;
}

// A disk that was full has cut the last line short.
static bool ends_mid_line(int fd) {
  struct stat log;
  char last;
  return fstat(fd, &log) == 0 && log.st_size > 0 && pread(fd, &last, 1, log.st_size - 1) == 1 && last != '\n';
}

// In one write, so that lines of many writers never mix.
static int append(const char *path, const struct buffer *line) {
  AUTO_CLOSE int fd = open_log(path);
  struct iovec parts[] = {{(void *)(uintptr_t) "\n", 1}, {line->data, line->length}};
  int first = fd >= 0 && ends_mid_line(fd) ? 0 : 1;
  ssize_t written = fd < 0 ? -1 : RETRY(writev(fd, parts + first, 2 - first));
  if (written < 0) return -1;
  errno = ENOSPC; // not said for a part
  return (size_t)written < line->length ? -1 : 0;
}

void events_write_of(const struct spec *spec, const char *status, const char *details, const struct buffer *text) {
  AUTO_BUFFER struct buffer line = {0};
  char time[REPORT_TIME_SIZE];
  if (spec->events == NULL || text->length == 0) return;
  report_time(time);
  buffer_printf(&line, "{\"Type\":\"container\",\"Status\":\"%s\",\"Time\":\"%s\",%s", status, time, details);
  buffer_append(&line, text->data, text->length);
  buffer_append(&line, "}\n", 2);
  if (append(spec->events, &line) < 0) warn("write: %s: %s", spec->events, strerror(errno));
}

void events_write(const struct spec *spec, const char *status, const char *details) {
  AUTO_BUFFER struct buffer text = {0};
  events_read(spec, &text);
  events_write_of(spec, status, details, &text);
}
