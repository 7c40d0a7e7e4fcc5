// `rm`: removes what containers left, with owners only their user namespace knows and modes that lock out their owner.
// A container may have made the tree as deep as it liked, and may still be writing to it.
#include "tree.h"

#include "safe_path.h"
#include "tree_cursor.h"

#include <fcntl.h>

// A directory into which someone writes while we remove it is emptied again, but not for ever.
enum { MAX_REFILLS = 64 };

struct removal {
  struct tree_cursor cursor;
  struct buffer *where;
  int refills;
};

static int remember_where(struct removal *removal, const char *name) {
  int error = errno;
  if (removal->where != NULL) tree_cursor_path(&removal->cursor, name, removal->where);
  errno = error;
  return -1;
}

// Removes what is no directory, keeps the directories for later.
static int remove_found(void *context, const struct dirent *found) {
  struct removal *removal = context;
  if (found->d_type != DT_DIR) {
    if (unlinkat(removal->cursor.fd, found->d_name, 0) == 0 || errno == ENOENT) return 0;
    if (errno != EISDIR) return remember_where(removal, found->d_name);
  }
  tree_cursor_put(&removal->cursor, found->d_name);
  return 0;
}

static int empty_here(struct removal *removal) {
  struct stat status;
  if (fstat(removal->cursor.fd, &status) == 0 && (status.st_mode & 0700) != 0700)
    (void)fchmod(removal->cursor.fd, 0700); // when it fails and matters, unlink tells
  return tree_cursor_scan(&removal->cursor, remove_found, removal);
}

static int enter_and_empty(struct removal *removal, const char *name) {
  int entered = tree_cursor_enter(&removal->cursor, name);
  if (entered < 0 && errno == EACCES && tree_make_readable(removal->cursor.fd, name) == 0)
    entered = tree_cursor_enter(&removal->cursor, name);
  if (entered == 0) return empty_here(removal);
  if (errno == ENOENT) return 0;
  // No directory any more: what took its place goes, too.
  if (errno == ENOTDIR && (unlinkat(removal->cursor.fd, name, 0) == 0 || errno == ENOENT)) return 0;
  return remember_where(removal, name);
}

static int remove_left(struct removal *removal, const char *name) {
  if (unlinkat(removal->cursor.fd, name, AT_REMOVEDIR) == 0 || errno == ENOENT) return 0;
  if ((errno == ENOTEMPTY || errno == EEXIST) && removal->refills++ < MAX_REFILLS) {
    tree_cursor_put(&removal->cursor, name);
    return 0;
  }
  return remember_where(removal, name);
}

static int remove_below(struct removal *removal) {
  if (empty_here(removal) < 0) return -1;
  for (;;) {
    const char *name = tree_cursor_next(&removal->cursor);
    if (name != NULL) {
      AUTO_FREE char *copy = xstrdup(name);
      if (enter_and_empty(removal, copy) < 0) return -1;
    } else if (removal->cursor.depth > 1) {
      AUTO_FREE char *left = NULL;
      if (tree_cursor_leave(&removal->cursor, &left) < 0) return remember_where(removal, "..");
      if (remove_left(removal, left) < 0) return -1;
    } else {
      return 0;
    }
  }
}

int tree_remove_at(int dirfd, const char *name, struct buffer *where) {
  struct removal removal = {.where = where};
  if (where != NULL) buffer_clear(where);
  if (unlinkat(dirfd, name, 0) == 0 || errno == ENOENT) return 0;
  if (errno != EISDIR) return -1;
  int opened = tree_cursor_open(&removal.cursor, dirfd, name, false);
  if (opened < 0 && errno == EACCES && tree_make_readable(dirfd, name) == 0)
    opened = tree_cursor_open(&removal.cursor, dirfd, name, false);
  if (opened < 0) return errno == ENOENT ? 0 : -1;
  int removed = remove_below(&removal);
  tree_cursor_close(&removal.cursor);
  if (removed < 0) return -1;
  return unlinkat(dirfd, name, AT_REMOVEDIR) == 0 || errno == ENOENT ? 0 : -1;
}

// Splits off the last component; "/", "." and ".." are nothing that could be removed.
static int remove_path(const char *path, struct buffer *where) {
  AUTO_FREE char *parent = xstrdup(path);
  size_t length = strlen(parent);
  while (length > 1 && parent[length - 1] == '/') parent[--length] = '\0';
  char *slash = strrchr(parent, '/');
  const char *base = slash == NULL ? parent : slash + 1;
  if (base[0] == '\0' || strcmp(base, ".") == 0 || strcmp(base, "..") == 0) {
    errno = EINVAL;
    return -1;
  }
  AUTO_FREE char *name = xstrdup(base);
  if (slash != NULL) slash[slash == parent ? 1 : 0] = '\0';
  AUTO_CLOSE int dirfd = open(slash == NULL ? "." : parent, O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (dirfd < 0) return errno == ENOENT ? 0 : -1;
  return tree_remove_at(dirfd, name, where);
}

int tree_remove(const char *path) { return remove_path(path, NULL); }

int rm_main(int argc, char **argv) {
  AUTO_BUFFER struct buffer where = {0};
  char shown[SAFE_SHOWN_SIZE];
  int code = CODE_OK;
  int first = argc > 1 && strcmp(argv[1], "--") == 0 ? 2 : 1;
  if (first >= argc || (first == 1 && argv[1][0] == '-')) die(CODE_USAGE, "rm: arguments: want PATH...");
  for (int i = first; i < argc; i++) {
    buffer_clear(&where);
    if (remove_path(argv[i], &where) == 0) continue;
    const char *cause = errno == EXDEV ? "something is mounted there" : strerror(errno);
    const char *inner = where.data == NULL ? "" : where.data;
    warn("rm: %s%s%s: %s", argv[i], inner[0] == '\0' ? "" : "/", safe_shown(inner, shown), cause);
    code = CODE_HOST;
  }
  return code;
}
