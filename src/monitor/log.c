// Writing the container's log, see log.h. Lines go out straight from the chunk that was read, many to one writev.
#include "log.h"

#include "log_rotate.h"
#include "report.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/uio.h>

#define PARTS 60 // three to a line at most

// Lines that wait for one writev.
struct batch {
  struct iovec parts[PARTS];
  int count;
  size_t size; // of all of them
};

int log_open(struct log *log, const char *path, uint64_t max_size, uint64_t max_files) {
  *log = (struct log){.fd = -1, .path = path};
  struct stat found;
  if (path == NULL) return 0;
  log->fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0600);
  if (log->fd < 0 || fstat(log->fd, &found) < 0) return -1;
  if (!S_ISREG(found.st_mode)) return 0; // a pipe or a device has no end to be reached
  log->size = (uint64_t)found.st_size;
  log->max_size = max_size;
  log->max_files = max_files;
  return 0;
}

// After a disk full in the middle of a line its first half is taken back, or the next line would be glued to it.
static void take_back(struct log *log, size_t written) {
  off_t end = lseek(log->fd, 0, SEEK_END);
  if (written == 0 || end < (off_t)written || ftruncate(log->fd, end - (off_t)written) < 0) return;
  log->size -= written;
}

static void write_parts(struct log *log, struct iovec *parts, int count) {
  size_t written = 0;
  while (count > 0) {
    ssize_t size = RETRY(writev(log->fd, parts, count));
    if (size < 0) {
      if (!log->warned) warn("write: log: %s", strerror(errno));
      log->warned = true;
      return take_back(log, written);
    }
    written += (size_t)size;
    log->size += (uint64_t)size;
    for (; count > 0 && (size_t)size >= parts->iov_len; parts++, count--) size -= (ssize_t)parts->iov_len;
    if (count > 0) *parts = (struct iovec){(char *)parts->iov_base + size, parts->iov_len - (size_t)size};
  }
}

static void flush(struct log *log, struct batch *batch) {
  write_parts(log, batch->parts, batch->count);
  batch->count = 0;
  batch->size = 0;
}

static void make_room(struct log *log, struct batch *batch, size_t line) {
  uint64_t before = log->size + batch->size;
  if (log->max_size == 0 || before == 0 || before + line <= log->max_size) return;
  flush(log, batch);
  log_rotate(log);
}

static void add(struct batch *batch, const char *data, size_t size) {
  batch->parts[batch->count++] = (struct iovec){(void *)(uintptr_t)data, size};
  batch->size += size;
}

void log_write(struct log *log, const char *stream, const char *data, size_t size) {
  char time[REPORT_TIME_SIZE], whole[64], partial[64];
  struct batch batch; // as it lies: only the parts in use are ever read
  batch.count = 0;
  batch.size = 0;
  if (log->fd < 0) return;
  report_time(time);
  size_t prefix = (size_t)snprintf(whole, sizeof whole, "%s %s F ", time, stream);
  snprintf(partial, sizeof partial, "%s %s P ", time, stream);
  while (size > 0) {
    const char *newline = memchr(data, '\n', size);
    size_t length = newline == NULL ? size : (size_t)(newline - data) + 1;
    make_room(log, &batch, prefix + length + (newline == NULL));
    add(&batch, newline == NULL ? partial : whole, prefix);
    add(&batch, data, length);
    if (newline == NULL) add(&batch, "\n", 1);
    data += length;
    size -= length;
    if (batch.count > PARTS - 3) flush(log, &batch);
  }
  flush(log, &batch);
}

void log_close(struct log *log) { io_close(&log->fd); }
