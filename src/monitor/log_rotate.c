// Rotating a log, see log_rotate.h. Others may have a hand in the file as well (logrotate): emptied, it is not full; moved
// away or removed, it is theirs, and a new one is begun.
#include "log_rotate.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

static void printed_path(struct buffer *path, const struct log *log, uint64_t number) {
  buffer_clear(path);
  buffer_printf(path, "%s.%llu", log->path, (unsigned long long)number);
}

// The oldest place in use is the last to be moved into: max_files may be any number.
static uint64_t first_free(const struct log *log) {
  AUTO_BUFFER struct buffer path = {0};
  struct stat found;
  uint64_t number = 1;
  for (; number < log->max_files - 1; number++) {
    printed_path(&path, log, number);
    if (lstat(path.data, &found) < 0) break;
  }
  return number;
}

// Whoever reads from the newest file to the oldest meets each line once or, in a file seen twice, recognizes its inode.
static void shift(const struct log *log) {
  AUTO_BUFFER struct buffer from = {0}, to = {0};
  if (log->max_files < 2) return;
  for (uint64_t number = first_free(log); number > 1; number--) {
    printed_path(&from, log, number - 1);
    printed_path(&to, log, number);
    (void)rename(from.data, to.data);
  }
  printed_path(&to, log, 1);
  (void)unlink(to.data);
  // A second name first, where the file system knows such: LOG is then never missing.
  if (link(log->path, to.data) < 0) (void)rename(log->path, to.data);
}

static int begin_new(struct log *log) {
  AUTO_BUFFER struct buffer fresh = {0};
  buffer_printf(&fresh, "%s.new", log->path);
  AUTO_CLOSE int fd = open(fresh.data, O_WRONLY | O_APPEND | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
  if (fd < 0) return -1;
  shift(log);
  if (rename(fresh.data, log->path) < 0) return -1;
  io_close(&log->fd);
  log->fd = io_take(&fd);
  return 0;
}

static int open_again(struct log *log) {
  struct stat found;
  AUTO_CLOSE int fd = open(log->path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
  if (fd < 0 || fstat(fd, &found) < 0) return -1;
  io_close(&log->fd);
  log->fd = io_take(&fd);
  log->size = (uint64_t)found.st_size;
  return 0;
}

void log_rotate(struct log *log) {
  struct stat ours, named;
  if (fstat(log->fd, &ours) < 0) return;
  if ((uint64_t)ours.st_size < log->size) {
    log->size = (uint64_t)ours.st_size;
    return;
  }
  log->size = 0;
  bool is_ours = stat(log->path, &named) == 0 && named.st_ino == ours.st_ino && named.st_dev == ours.st_dev;
  if ((is_ours ? begin_new(log) : open_again(log)) == 0) return;
  if (!log->warned) warn("rotate: %s: %s", log->path, strerror(errno));
  log->warned = true;
}
