// The monitor's spec file: NUL-ended key=value words (PROTOCOL.md, mon: the spec). Reads and checks everything before
// anything is done; must never act.
#ifndef LICHEN_SPEC_H
#define LICHEN_SPEC_H

#include "io.h"
#include "userns.h"

struct words {
  char **list;
  size_t count;
};

enum storage { STORAGE_OVERLAY, STORAGE_FUSE, STORAGE_DIR };

struct spec {
  struct buffer text; // every pointer below points into it
  const char *id, *run_dir, *bundle;
  enum storage storage;
  const char *layers_dir, *upper, *work, *merged, *fuse_program;
  struct words lower, read;
  bool upper_owned; // upper_uid and upper_gid were given
  uid_t upper_uid;
  gid_t upper_gid;
  bool is_volatile, tty, keep_stdin, attach;
  const char *runtime, *runtime_root;
  const char *cgroup_manager; // NULL: the runtime's own choice
  const char *log;            // NULL: no log
  const char *socket;
  const char *remove_dir, *remove_to, *remove_name; // all or none
  struct userns_request userns;
};

// -1: why is one line, `KEY: CAUSE`.
int spec_read(const char *path, struct spec *spec, struct buffer *why);

#endif
