// A whole tree in one order, the same every time: by name, a directory before what is in it. What comes and goes while
// it is walked is met or not met, but never a reason to stop.
#ifndef LICHEN_TREE_WALK_H
#define LICHEN_TREE_WALK_H

#include "tree_cursor.h"

struct tree_walker {
  // One name in the directory the cursor stands in. True: go into it (a directory).
  bool (*visit)(void *context, const char *name, const struct stat *status);
  void *context;
};

// The cursor is open, and stands in its top afterwards. Ends the program with CODE_HOST, `VERB: PATH: CAUSE`.
// File systems of the kernel's own (proc, sysfs, cgroup) that are mounted in the tree are not entered.
void tree_walk(const char *verb, struct tree_cursor *cursor, const struct tree_walker *walker);

#endif
