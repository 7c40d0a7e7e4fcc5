// Names from an archive, and the directories they lead to, inside one root. Nothing here can leave the root: names lose
// their leading slash and may not hold "..", and directories are opened one component at a time without following
// links; a link met on the way is resolved by hand, with the root as its "/" and its ceiling.
// Somebody else may rename in the tree meanwhile: then another place of the tree is met, never one outside.
#ifndef LICHEN_SAFE_PATH_H
#define LICHEN_SAFE_PATH_H

#include "io.h"

#include <sys/stat.h>

enum {
  SAFE_CACHED_DIRECTORIES = 64, // deeper ones are opened each time: descriptors are a scarce good
  SAFE_SHOWN_SIZE = 256,
};

struct safe_step {
  char *name;
  int fd;
};

struct safe_root {
  int fd;  // where names begin
  int top; // the ceiling, and where absolute links begin; -1: the same
  bool is_layer; // whiteouts mean something
  dev_t dev;
  ino_t ino;
  // The directories of the last name, so that neighbours cost nothing. Names as the archive has them, not resolved.
  struct safe_step steps[SAFE_CACHED_DIRECTORIES];
  size_t depth;
  int deep;         // the last directory opened below the cached ones, or -1
  bool stale;       // the cached ones are not to be used again
  uint64_t created; // directories made because a name needed them
};

// -1 with errno. Below: names begin at path in the root top, found so that no link leads out of it.
int safe_open(struct safe_root *root, const char *path);
int safe_open_below(struct safe_root *root, const char *top, const char *path);
void safe_close(struct safe_root *root);

// In place: no leading, doubled or trailing slashes, no "." components. "" is the root itself. Returns NULL, or what
// is wrong with the name.
const char *safe_normalize(char *name);

// The open O_PATH directory that holds a normalized name's last component (borrowed: valid until the next call), and
// that component. create: directories that are missing are made, a whiteout in their place gives way. -1 with errno
// (EINVAL for a directory of a layer that would be called like a whiteout).
int safe_parent(struct safe_root *root, const char *name, bool create, const char **base);

// To be called when anything but a plain file was removed: an open directory may have lost its name. What
// safe_parent() gave last stays valid.
void safe_forget(struct safe_root *root);

// For messages: the name cut to a sensible length, with everything but printable ASCII escaped.
const char *safe_shown(const char *name, char shown[SAFE_SHOWN_SIZE]);

#endif
