// The container's output as messages of systemd's journal, one a line (systemd's native journal protocol). A journal that
// is not there, or does not read, never stops a container: it is said once on stderr, and lines are lost until it reads.
#ifndef LICHEN_JOURNAL_H
#define LICHEN_JOURNAL_H

#include "io.h"

struct journal {
  int fd; // -1: no journal
  const char *path;
  bool refused; // the last message was not taken: the next is not waited with
  bool warned;
  struct buffer fields;  // what every message begins with, as it is sent
  struct buffer rest[2]; // of output and error output: a line that has no end yet; memory only while there is one
};

#define JOURNAL_NONE ((struct journal){.fd = -1})

// path NULL: no journal; else its socket. fields are NAME=VALUE. -1 with errno when there can be no socket at all; that
// nobody listens at path is found out later.
int journal_open(struct journal *journal, const char *path, char *const *fields, size_t count);

// What is from "stderr" has priority 3 (error), all else 6 (info). A line without its end is kept until that comes.
void journal_write(struct journal *journal, const char *stream, const char *data, size_t size);

// The stream has ended: what is left of it is sent with CONTAINER_PARTIAL_MESSAGE=true, as are the parts of a long line.
void journal_flush(struct journal *journal, const char *stream);

#endif
