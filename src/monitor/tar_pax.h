// Extended headers (POSIX.1-2008 pax, "pax Header Block"; GNU.sparse.* and SCHILY.xattr.* as GNU tar writes them).
#ifndef LICHEN_TAR_PAX_H
#define LICHEN_TAR_PAX_H

#include "tar_sparse.h"

#include <time.h>

struct tar_xattr {
  const char *name, *value;
  size_t size; // of value, which may hold any bytes
};

// What a set of records says about an entry. Texts point into the parsed data; NULL and has_* false: not said.
struct tar_pax {
  const char *path, *link;
  bool has_size, has_uid, has_gid, has_mtime;
  uint64_t size, uid, gid;
  struct timespec mtime;

  const char *sparse_name, *sparse_list;
  uint64_t sparse_major, sparse_minor, sparse_size, sparse_offset;
  bool has_sparse_version, has_sparse_size, has_sparse_offset;
};

struct tar_xattrs {
  struct tar_xattr *items;
  size_t count, capacity;
};

// Parses the records of one header in place (data is cut into strings) and adds to pax, xattrs and sparse; a later
// record wins. Ends the program with CODE_INPUT when a record is malformed.
struct tar_pax_target {
  struct tar_pax *pax;
  struct tar_xattrs *xattrs;
  struct tar_sparse *sparse;
  const struct tar_input *input; // for messages
};
void tar_pax_parse(const struct tar_pax_target *target, struct buffer *data);

#endif
