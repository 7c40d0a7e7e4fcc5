// `compare`: where a tree differs from what it should be, for layers that are to be as they were unpacked. Looks at
// everything a container can see but times: those of directories that no archive mentions are nobody's.
#include "tree.h"
#include "tree_attributes.h"
#include "tree_cursor.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>

enum {
  CHUNK = 128 * 1024,
  REPORT_CHUNK = 32 * 1024, // is written out at once
};

struct comparison {
  struct tree_cursor actual, expected; // always in directories of the same name
  struct buffer report, path;
};

static void flush_report(struct comparison *comparison, size_t most) {
  if (comparison->report.length <= most) return;
  if (io_write_all(STDOUT_FILENO, comparison->report.data, comparison->report.length) < 0)
    die(CODE_HOST, "compare: standard output: %s", strerror(errno));
  buffer_clear(&comparison->report);
}

// One difference: the path below the tree's root (NULL: of the directory we are in) and what is wrong with it.
static void PRINTF_LIKE(3, 4) differ(struct comparison *comparison, const char *name, const char *format, ...) {
  char cause[TREE_ATTRIBUTE_NAME_SIZE + 64];
  va_list values;
  va_start(values, format);
  vsnprintf(cause, sizeof cause, format, values);
  va_end(values);
  tree_cursor_path(&comparison->expected, name == NULL ? "" : name, &comparison->path);
  buffer_append(&comparison->report, comparison->path.data, comparison->path.length + 1);
  buffer_append(&comparison->report, cause, strlen(cause) + 1);
}

static const char *kind_of(mode_t mode) {
  switch (mode & S_IFMT) {
    case S_IFREG: return "file";
    case S_IFDIR: return "directory";
    case S_IFLNK: return "symbolic link";
    case S_IFIFO: return "pipe";
    case S_IFCHR: return "character device";
    case S_IFBLK: return "block device";
    default: return "socket";
  }
}

static void compare_status(struct comparison *comparison, const char *name, const struct stat *actual,
                           const struct stat *expected) {
  unsigned mode = actual->st_mode & 07777, wanted = expected->st_mode & 07777;
  if (mode != wanted) differ(comparison, name, "its mode is %04o, not %04o", mode, wanted);
  if (actual->st_uid != expected->st_uid || actual->st_gid != expected->st_gid)
    differ(comparison, name, "its owner is %u:%u, not %u:%u", actual->st_uid, actual->st_gid, expected->st_uid,
           expected->st_gid);
}

// The place of the first difference, -1 when there is none, -2 with errno when one of them cannot be read.
static off_t find_difference(int actual, int expected) {
  AUTO_FREE char *one = xrealloc_array(NULL, CHUNK, 1);
  AUTO_FREE char *other = xrealloc_array(NULL, CHUNK, 1);
  for (off_t at = 0;;) {
    ssize_t got = io_read_full(actual, one, CHUNK), wanted = io_read_full(expected, other, CHUNK);
    if (got < 0 || wanted < 0) return -2;
    ssize_t both = got < wanted ? got : wanted;
    ssize_t same = 0;
    if (memcmp(one, other, (size_t)both) == 0) same = both;
    while (same < both && one[same] == other[same]) same++;
    at += same;
    if (same < both || got != wanted) return at;
    if (got < CHUNK) return -1;
  }
}

static void compare_attributes(struct comparison *comparison, const char *name, int actual, int expected) {
  char which[TREE_ATTRIBUTE_NAME_SIZE];
  int found = tree_attributes_differ(actual, expected, NULL, which);
  if (found < 0) differ(comparison, name, "its attributes cannot be read: %s", strerror(errno));
  if (found == 1) differ(comparison, name, "its attribute %s is another one", which);
}

static void compare_files(struct comparison *comparison, const char *name, const struct stat *actual,
                          const struct stat *expected) {
  // opens by name could block on what is no file any more
  enum { HOW = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC };
  AUTO_CLOSE int one = openat(comparison->actual.fd, name, HOW);
  AUTO_CLOSE int other = openat(comparison->expected.fd, name, HOW);
  if (one < 0 || other < 0) {
    differ(comparison, name, "cannot be read: %s", strerror(errno));
    return;
  }
  if (actual->st_nlink != expected->st_nlink)
    differ(comparison, name, "it has %ju names, not %ju", (uintmax_t)actual->st_nlink, (uintmax_t)expected->st_nlink);
  compare_attributes(comparison, name, one, other);
  if (actual->st_size != expected->st_size) {
    differ(comparison, name, "it is %jd bytes long, not %jd", (intmax_t)actual->st_size, (intmax_t)expected->st_size);
    return;
  }
  off_t at = find_difference(one, other);
  if (at == -2) differ(comparison, name, "cannot be read: %s", strerror(errno));
  if (at >= 0) differ(comparison, name, "its contents are others from byte %jd on", (intmax_t)at);
}

static void compare_links(struct comparison *comparison, const char *name) {
  char one[PATH_MAX], other[PATH_MAX];
  ssize_t got = readlinkat(comparison->actual.fd, name, one, sizeof one);
  ssize_t wanted = readlinkat(comparison->expected.fd, name, other, sizeof other);
  if (got < 0 || wanted < 0)
    differ(comparison, name, "cannot be read: %s", strerror(errno));
  else if (got != wanted || memcmp(one, other, (size_t)got) != 0)
    differ(comparison, name, "it leads elsewhere");
}

static int compare_found(void *context, const struct dirent *found) {
  struct comparison *comparison = context;
  const char *name = found->d_name;
  struct stat actual, expected;
  if (fstatat(comparison->expected.fd, name, &expected, AT_SYMLINK_NOFOLLOW) < 0) return -1;
  if (fstatat(comparison->actual.fd, name, &actual, AT_SYMLINK_NOFOLLOW) < 0) {
    differ(comparison, name, "%s", errno == ENOENT ? "missing" : strerror(errno));
  } else if ((actual.st_mode & S_IFMT) != (expected.st_mode & S_IFMT) || actual.st_rdev != expected.st_rdev) {
    const char *is = kind_of(actual.st_mode), *wanted = kind_of(expected.st_mode);
    if (is == wanted) is = "another one";
    differ(comparison, name, "it should be a %s and is a %s", wanted, is);
  } else if (S_ISDIR(expected.st_mode)) {
    tree_cursor_put(&comparison->expected, name); // compared when it is entered
  } else {
    compare_status(comparison, name, &actual, &expected);
    if (S_ISREG(expected.st_mode)) compare_files(comparison, name, &actual, &expected);
    if (S_ISLNK(expected.st_mode)) compare_links(comparison, name);
  }
  return 0;
}

static int find_foreign(void *context, const struct dirent *found) {
  struct comparison *comparison = context;
  if (faccessat(comparison->expected.fd, found->d_name, F_OK, AT_SYMLINK_NOFOLLOW) < 0 && errno == ENOENT)
    differ(comparison, found->d_name, "should not be there");
  return 0;
}

// Both cursors have just entered a directory.
static void compare_directory(struct comparison *comparison) {
  struct stat actual, expected;
  if (fstat(comparison->actual.fd, &actual) < 0 || fstat(comparison->expected.fd, &expected) < 0)
    die(CODE_HOST, "compare: look up: %s", strerror(errno));
  compare_status(comparison, NULL, &actual, &expected);
  compare_attributes(comparison, NULL, comparison->actual.fd, comparison->expected.fd);
  if (tree_cursor_scan(&comparison->expected, compare_found, comparison) < 0)
    die(CODE_HOST, "compare: read directory: %s", strerror(errno));
  if (tree_cursor_scan(&comparison->actual, find_foreign, comparison) < 0)
    differ(comparison, NULL, "cannot be read: %s", strerror(errno));
  flush_report(comparison, REPORT_CHUNK);
}

static void enter_directory(struct comparison *comparison, const char *name) {
  if (tree_cursor_enter(&comparison->actual, name) < 0) {
    differ(comparison, name, "cannot be read: %s", strerror(errno));
    return;
  }
  if (tree_cursor_enter(&comparison->expected, name) < 0) die(CODE_HOST, "compare: %s: %s", name, strerror(errno));
  compare_directory(comparison);
}

static void leave_directory(struct comparison *comparison) {
  AUTO_FREE char *one = NULL;
  AUTO_FREE char *other = NULL;
  if (tree_cursor_leave(&comparison->actual, &one) < 0 || tree_cursor_leave(&comparison->expected, &other) < 0)
    die(CODE_HOST, "compare: ..: %s", strerror(errno));
}

static void open_top(struct tree_cursor *cursor, const char *path) {
  if (tree_cursor_open(cursor, AT_FDCWD, path, true) < 0) die(CODE_HOST, "compare: %s: %s", path, strerror(errno));
}

int compare_main(int argc, char **argv) {
  struct comparison comparison = {0};
  if (argc != 3) die(CODE_USAGE, "compare: arguments: want TREE EXPECTED");
  open_top(&comparison.actual, argv[1]);
  open_top(&comparison.expected, argv[2]);
  compare_directory(&comparison);
  for (;;) {
    const char *name = tree_cursor_next(&comparison.expected);
    if (name != NULL) {
      AUTO_FREE char *entered = xstrdup(name);
      enter_directory(&comparison, entered);
    } else if (comparison.expected.depth > 1) {
      leave_directory(&comparison);
    } else {
      break;
    }
  }
  flush_report(&comparison, 0);
  tree_cursor_close(&comparison.actual);
  tree_cursor_close(&comparison.expected);
  buffer_free(&comparison.report);
  buffer_free(&comparison.path);
  return CODE_OK;
}
