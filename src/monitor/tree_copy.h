// What the two halves of `copy` share: merging layers (tree_copy.c) and copying one file (tree_copy_file.c).
#ifndef LICHEN_TREE_COPY_H
#define LICHEN_TREE_COPY_H

#include "safe_path.h"
#include "tree_cursor.h"
#include "tree_links.h"

struct tree_copy {
  struct tree_cursor from, to; // always in directories of the same name
  struct safe_root root;       // of the tree being made, to find the first name of a hard link
  tree_links links;            // files of this layer that have several names
  struct buffer path;          // of the current name, below the root
  bool can_clone;              // until the file system says it cannot share blocks
};

// `copy: PATH: ACTION: errno`, ends with CODE_HOST.
_Noreturn void tree_copy_fail(struct tree_copy *copy, const char *name, const char *action);

// Anything but a directory, complete with owner, mode, attributes and time. The name in copy->to must be free:
// -1 with EEXIST when it is not. Any other failure ends the program.
int tree_copy_file(struct tree_copy *copy, const char *name, const struct stat *status);

// Attributes of from replace those of to, except what belongs to an overlay. Both open for reading or writing.
void tree_copy_clear_xattrs(int to);
int tree_copy_xattrs(int from, int to);

#endif
