// Entries of a tar stream: ustar, pax and GNU headers become one kind of record, checked but not trusted. Knows nothing
// of files: names are given as the archive has them. Ends the program with CODE_INPUT when the archive is bad.
#ifndef LICHEN_TAR_READ_H
#define LICHEN_TAR_READ_H

#include "tar_pax.h"

enum tar_kind {
  TAR_FILE,
  TAR_HARD_LINK,
  TAR_SYMLINK,
  TAR_CHAR_DEVICE,
  TAR_BLOCK_DEVICE,
  TAR_DIRECTORY,
  TAR_FIFO,
};

// Valid until the next tar_next().
struct tar_entry {
  enum tar_kind kind;
  const char *name, *link;
  uint32_t mode; // permission bits only
  uint64_t uid, gid;
  struct timespec mtime;
  uint64_t major, minor;
  uint64_t stored; // bytes of data in the archive
  uint64_t size;   // of the file: more than stored when it is sparse
  const struct tar_segment *segments; // where the data goes; one that covers everything when it is not sparse
  size_t segment_count;
  const struct tar_xattr *xattrs;
  size_t xattr_count;
};

struct tar_reader {
  struct tar_input input;
  uint64_t left;    // data of the current entry not yet taken
  uint64_t padding; // after it
  struct tar_pax global, local;
  struct tar_xattrs xattrs;
  struct tar_sparse sparse;
  struct buffer pax_data, global_data, long_name, long_link;
  bool has_long_name, has_long_link, has_pax; // headers that wait for their entry
  char name[TAR_BLOCK], link[TAR_BLOCK];      // of a plain header
};

void tar_open(struct tar_reader *reader, int fd);
void tar_close(struct tar_reader *reader);

// false: the archive's proper end was reached, and everything after it was read away.
bool tar_next(struct tar_reader *reader, struct tar_entry *entry);

// The next bytes of the entry's data, at most limit; 0 when there are none left. What is not taken is skipped.
size_t tar_data(struct tar_reader *reader, uint64_t limit, const unsigned char **bytes);
void tar_data_take(struct tar_reader *reader, size_t size);

#endif
