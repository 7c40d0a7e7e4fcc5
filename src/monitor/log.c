// Writing the container's log, see log.h. Lines go out straight from the chunk that was read, many to one writev.
#include "log.h"

#include "report.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/uio.h>

#define PARTS 60 // three to a line at most

int log_open(struct log *log, const char *path) {
  *log = (struct log){.fd = -1};
  if (path == NULL) return 0;
  log->fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0600);
  return log->fd < 0 ? -1 : 0;
}

// After a disk full in the middle of a line its first half is taken back, or the next line would be glued to it.
static void take_back(int fd, size_t written) {
  off_t end = lseek(fd, 0, SEEK_END);
  if (written > 0 && end >= (off_t)written && ftruncate(fd, end - (off_t)written) < 0) return;
}

static void write_parts(struct log *log, struct iovec *parts, int count) {
  size_t written = 0;
  while (count > 0) {
    ssize_t size = RETRY(writev(log->fd, parts, count));
    if (size < 0) {
      if (!log->warned) warn("write: log: %s", strerror(errno));
      log->warned = true;
      return take_back(log->fd, written);
    }
    written += (size_t)size;
    for (; count > 0 && (size_t)size >= parts->iov_len; parts++, count--) size -= (ssize_t)parts->iov_len;
    if (count > 0) *parts = (struct iovec){(char *)parts->iov_base + size, parts->iov_len - (size_t)size};
  }
}

void log_write(struct log *log, const char *stream, const char *data, size_t size) {
  char time[REPORT_TIME_SIZE], whole[64], partial[64];
  struct iovec parts[PARTS];
  int count = 0;
  if (log->fd < 0) return;
  report_time(time);
  int prefix = snprintf(whole, sizeof whole, "%s %s F ", time, stream);
  snprintf(partial, sizeof partial, "%s %s P ", time, stream);
  while (size > 0) {
    const char *newline = memchr(data, '\n', size);
    size_t length = newline == NULL ? size : (size_t)(newline - data) + 1;
    parts[count++] = (struct iovec){newline == NULL ? partial : whole, (size_t)prefix};
    parts[count++] = (struct iovec){(void *)(uintptr_t)data, length};
    if (newline == NULL) parts[count++] = (struct iovec){"\n", 1};
    data += length;
    size -= length;
    if (count > PARTS - 3 || size == 0) {
      write_parts(log, parts, count);
      count = 0;
    }
  }
}

void log_close(struct log *log) { io_close(&log->fd); }
