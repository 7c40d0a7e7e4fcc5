// The container's log in the k8s-file format: TIME STREAM F|P TEXT (PROTOCOL.md, Files). A log that cannot be written
// never stops a container: it is said once on stderr, and lines are written again as soon as that works.
#ifndef LICHEN_LOG_H
#define LICHEN_LOG_H

#include "io.h"

struct log {
  int fd; // -1: no log
  bool warned;
  const char *path;
  uint64_t size;     // bytes there, as far as we have written them
  uint64_t max_size; // rotated before a line would make it larger; 0: never
  uint64_t max_files;
};

// path NULL: no log; it must live as long as the log. Only a regular file is ever rotated. -1 with errno.
int log_open(struct log *log, const char *path, uint64_t max_size, uint64_t max_files);

// stream is "stdout" or "stderr".
void log_write(struct log *log, const char *stream, const char *data, size_t size);
void log_close(struct log *log);

#endif
