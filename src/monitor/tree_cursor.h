// Walks a file tree of any depth with one open directory: neither the stack nor the descriptors grow with it. Follows
// no links, enters another mount only when it is told to, and notices when the tree is moved about meanwhile.
// Functions return -1 with errno unless said otherwise.
#ifndef LICHEN_TREE_CURSOR_H
#define LICHEN_TREE_CURSOR_H

#include "io.h"

#include <dirent.h>
#include <sys/stat.h>

struct tree_level {
  char *name;
  dev_t dev;
  ino_t ino;
  struct buffer pending; // subdirectories still to be visited, each ended by NUL
  size_t next;           // in pending
};

struct tree_cursor {
  int fd; // the directory we stand in, open for reading
  struct tree_level *levels;
  size_t depth, capacity;
  bool enters_mounts; // false when opened
};

// Opens the top of the walk. Its path is the caller's: it may be on another mount than dirfd when enter_mount is set.
int tree_cursor_open(struct tree_cursor *cursor, int dirfd, const char *name, bool enter_mount);
void tree_cursor_close(struct tree_cursor *cursor);

// Into a subdirectory. EXDEV: something is mounted there, and enters_mounts is not set.
int tree_cursor_enter(struct tree_cursor *cursor, const char *name);

// Back to the parent; *name (to be freed) is the directory left. ESTALE: ".." is not where we came from.
int tree_cursor_leave(struct tree_cursor *cursor, char **name);

// Calls each for every name in the directory but "." and ".."; stops at the first that does not return 0.
int tree_cursor_scan(struct tree_cursor *cursor, int (*each)(void *context, const struct dirent *found), void *context);

// A list of subdirectories per level: put from scan's callback, got one by one; NULL at its end. A name got is valid
// until the next call of anything here.
void tree_cursor_put(struct tree_cursor *cursor, const char *name);
const char *tree_cursor_next(struct tree_cursor *cursor);

// The names from below the top to here, joined by "/", followed by name.
void tree_cursor_path(const struct tree_cursor *cursor, const char *name, struct buffer *path);

// Gives the owner of a directory all rights to it; links are not followed.
int tree_make_readable(int dirfd, const char *name);

#endif
