// Walking in the order of names, see tree_walk.h.
#include "tree_walk.h"

#include "kernel.h"
#include "safe_path.h"

#include <fcntl.h>
#include <sys/vfs.h>

static _Noreturn void fail(const char *verb, const struct tree_cursor *cursor, const char *name) {
  AUTO_BUFFER struct buffer path = {0};
  char shown[SAFE_SHOWN_SIZE];
  const char *cause = errno == ESTALE ? "its directory was moved while it was read" : strerror(errno);
  tree_cursor_path(cursor, name, &path);
  die(CODE_HOST, "%s: %s: %s", verb, safe_shown(path.data, shown), cause);
}

static int collect(void *context, const struct dirent *found) {
  buffer_append(context, found->d_name, strlen(found->d_name) + 1);
  return 0;
}

static int compare_texts(const void *left, const void *right) {
  return strcmp(*(char *const *)left, *(char *const *)right);
}

// The names of the directory just entered become those to be visited.
static void put_sorted(const char *verb, struct tree_cursor *cursor) {
  AUTO_BUFFER struct buffer names = {0};
  if (tree_cursor_scan(cursor, collect, &names) < 0) fail(verb, cursor, ".");
  size_t count = 0;
  for (size_t at = 0; at < names.length; at += strlen(names.data + at) + 1) count++;
  if (count == 0) return;
  AUTO_FREE char **list = xcalloc(count, sizeof *list);
  size_t index = 0;
  for (size_t at = 0; at < names.length; at += strlen(names.data + at) + 1) list[index++] = names.data + at;
  qsort(list, count, sizeof *list, compare_texts);
  for (index = 0; index < count; index++) tree_cursor_put(cursor, list[index]);
}

static bool is_kernels_own(int fd) {
  struct statfs about;
  if (fstatfs(fd, &about) < 0) return false;
  switch ((unsigned long)about.f_type) {
  case KERNEL_PROC_MAGIC:
  case KERNEL_SYSFS_MAGIC:
  case KERNEL_CGROUP_MAGIC:
  case KERNEL_CGROUP2_MAGIC: return true;
  default: return false;
  }
}

// False: gone, or mounted and not to be entered.
static bool enter(const char *verb, struct tree_cursor *cursor, const char *name) {
  if (tree_cursor_enter(cursor, name) == 0) return true;
  if (errno != ENOENT && errno != ENOTDIR && errno != ELOOP && errno != EXDEV) fail(verb, cursor, name);
  return false;
}

static void leave(const char *verb, struct tree_cursor *cursor) {
  AUTO_FREE char *left = NULL;
  if (tree_cursor_leave(cursor, &left) < 0) fail(verb, cursor, "..");
}

void tree_walk(const char *verb, struct tree_cursor *cursor, const struct tree_walker *walker) {
  bool top_is_kernels = is_kernels_own(cursor->fd);
  put_sorted(verb, cursor);
  for (;;) {
    const char *next = tree_cursor_next(cursor);
    if (next == NULL && cursor->depth == 1) return;
    if (next == NULL) {
      leave(verb, cursor);
      continue;
    }
    AUTO_FREE char *name = xstrdup(next);
    struct stat status;
    if (fstatat(cursor->fd, name, &status, AT_SYMLINK_NOFOLLOW) < 0) {
      if (errno != ENOENT) fail(verb, cursor, name);
      continue;
    }
    if (!walker->visit(walker->context, name, &status) || !enter(verb, cursor, name)) continue;
    if (top_is_kernels || !is_kernels_own(cursor->fd)) put_sorted(verb, cursor);
  }
}
