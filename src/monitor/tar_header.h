// Headers of tar entries as we write them: POSIX.1-2008 pax, plain ustar wherever that says everything. The same fields
// always give the same bytes. What reads them is tar_read.c.
#ifndef LICHEN_TAR_HEADER_H
#define LICHEN_TAR_HEADER_H

#include "io.h"

#include <time.h>

enum { TAR_HEADER_BLOCK = 512, TAR_HEADER_MAX_EXTENDED = 1 << 20 };

struct tar_header {
  char type; // '0' file, '1' hard link, '2' symlink, '3' and '4' devices, '5' directory, '6' fifo
  const char *name; // a directory's ends with a slash
  const char *link; // "" for what is no link
  uint32_t mode;
  uint64_t uid, gid;
  uint64_t size; // of the data that follows
  struct timespec mtime;
  uint32_t major, minor;
};

// One extended record, `LENGTH KEY=VALUE\n`.
void tar_header_record(struct buffer *records, const char *key, const void *value, size_t size);

// Appends the header, before it an extended one with the records and with what ustar has no room for. -1: more than
// TAR_HEADER_MAX_EXTENDED, and nothing was appended.
int tar_header_append(struct buffer *out, const struct tar_header *header, const struct buffer *records);

// Zeros up to the next block after size bytes of data.
void tar_header_pad(struct buffer *out, uint64_t size);

#endif
