// `copy`: what an overlay of the layers would show, as a plain tree, for hosts where nothing can be mounted. Layers are
// applied bottom first; whiteouts and opaque directories take away what lower ones brought.
#include "tree_copy.h"

#include "in_root.h"
#include "tree.h"
#include "whiteout.h"

#include <fcntl.h>

_Noreturn void tree_copy_fail(struct tree_copy *copy, const char *name, const char *action) {
  char shown[SAFE_SHOWN_SIZE];
  int error = errno;
  tree_cursor_path(&copy->from, name, &copy->path);
  die(CODE_HOST, "copy: %s: %s: %s", safe_shown(copy->path.data, shown), action, strerror(error));
}

static void remove_old(struct tree_copy *copy, const char *name) {
  if (tree_remove_at(copy->to.fd, name, NULL) < 0) tree_copy_fail(copy, name, "replace");
  safe_forget(&copy->root);
}

static int link_to(struct tree_copy *copy, const char *first, const char *name) {
  const char *base;
  int directory = safe_parent(&copy->root, first, false, &base);
  return directory < 0 ? -1 : linkat(directory, base, copy->to.fd, name, 0);
}

// Copies the first name of a file, links the others to it.
static int copy_or_link(struct tree_copy *copy, const char *name, const struct stat *status) {
  if (status->st_nlink < 2) return tree_copy_file(copy, name, status);
  const char *first = tree_links_find(&copy->links, status);
  if (first != NULL) {
    int linked = link_to(copy, first, name);
    if (linked < 0 && errno != EEXIST) tree_copy_fail(copy, name, "make hard link");
    return linked;
  }
  if (tree_copy_file(copy, name, status) < 0) return -1;
  tree_cursor_path(&copy->from, name, &copy->path);
  tree_links_remember(&copy->links, status, copy->path.data);
  return 0;
}

static int copy_found(void *context, const struct dirent *found) {
  struct tree_copy *copy = context;
  const char *name = found->d_name;
  struct stat status;
  if (fstatat(copy->from.fd, name, &status, AT_SYMLINK_NOFOLLOW) < 0) tree_copy_fail(copy, name, "look up");
  if (S_ISDIR(status.st_mode)) {
    tree_cursor_put(&copy->from, name);
  } else if (whiteout_is(&status)) {
    remove_old(copy, name);
  } else if (copy_or_link(copy, name, &status) < 0) {
    if (errno != EEXIST) tree_copy_fail(copy, name, "create");
    remove_old(copy, name);
    if (copy_or_link(copy, name, &status) < 0) tree_copy_fail(copy, name, "create");
  }
  return 0;
}

static int remove_found(void *context, const struct dirent *found) {
  remove_old(context, found->d_name);
  return 0;
}

// Both cursors have just entered a directory. What it shows is this layer's: its attributes, and with an opaque one
// nothing of the layers below. A default ACL of theirs must be gone before anything is made in it.
static void start_directory(struct tree_copy *copy) {
  if (whiteout_is_opaque(copy->from.fd) && tree_cursor_scan(&copy->to, remove_found, copy) < 0)
    tree_copy_fail(copy, ".", "empty");
  tree_copy_clear_xattrs(copy->to.fd);
  if (tree_cursor_scan(&copy->from, copy_found, copy) < 0) tree_copy_fail(copy, ".", "read");
}

static void finish_directory(struct tree_copy *copy) {
  struct stat status;
  int from = copy->from.fd, to = copy->to.fd;
  if (fstat(from, &status) < 0) tree_copy_fail(copy, ".", "look up");
  const struct timespec times[2] = {status.st_atim, status.st_mtim};
  if (fchown(to, status.st_uid, status.st_gid) < 0) tree_copy_fail(copy, ".", "chown");
  if (fchmod(to, status.st_mode & 07777) < 0) tree_copy_fail(copy, ".", "chmod");
  if (tree_copy_xattrs(from, to) < 0) tree_copy_fail(copy, ".", "copy attributes");
  if (futimens(to, times) < 0) tree_copy_fail(copy, ".", "set time");
}

static void enter_directory(struct tree_copy *copy, const char *name) {
  if (mkdirat(copy->to.fd, name, 0700) < 0) {
    struct stat status;
    if (errno != EEXIST) tree_copy_fail(copy, name, "make directory");
    if (fstatat(copy->to.fd, name, &status, AT_SYMLINK_NOFOLLOW) < 0) tree_copy_fail(copy, name, "look up");
    if (!S_ISDIR(status.st_mode)) {
      remove_old(copy, name);
      if (mkdirat(copy->to.fd, name, 0700) < 0) tree_copy_fail(copy, name, "make directory");
    }
  }
  if (tree_cursor_enter(&copy->to, name) < 0) tree_copy_fail(copy, name, "open");
  if (tree_cursor_enter(&copy->from, name) < 0) tree_copy_fail(copy, name, "open");
}

static void leave_directory(struct tree_copy *copy) {
  AUTO_FREE char *from_name = NULL;
  AUTO_FREE char *to_name = NULL;
  if (tree_cursor_leave(&copy->from, &from_name) < 0 || tree_cursor_leave(&copy->to, &to_name) < 0)
    tree_copy_fail(copy, "..", "open");
}

// layer is relative to the directory at.
static void apply_layer(struct tree_copy *copy, int at, const char *layer, const char *dest) {
  if (tree_cursor_open(&copy->from, at, layer, true) < 0) die(CODE_HOST, "copy: %s: %s", layer, strerror(errno));
  if (tree_cursor_open(&copy->to, AT_FDCWD, dest, true) < 0) die(CODE_HOST, "copy: %s: %s", dest, strerror(errno));
  start_directory(copy);
  for (;;) {
    const char *name = tree_cursor_next(&copy->from);
    if (name != NULL) {
      AUTO_FREE char *entered = xstrdup(name);
      enter_directory(copy, entered);
      start_directory(copy);
      continue;
    }
    finish_directory(copy);
    if (copy->from.depth == 1) break;
    leave_directory(copy);
  }
  tree_cursor_close(&copy->from);
  tree_cursor_close(&copy->to);
  tree_links_free(&copy->links);
}

static void copy_begin(struct tree_copy *copy, const char *dest) {
  umask(0);
  if (mkdir(dest, 0700) < 0 && errno != EEXIST) die(CODE_HOST, "copy: %s: %s", dest, strerror(errno));
  if (safe_open(&copy->root, dest) < 0) die(CODE_HOST, "copy: %s: %s", dest, strerror(errno));
}

static void copy_end(struct tree_copy *copy) {
  safe_close(&copy->root);
  buffer_free(&copy->path);
}

// One directory of a container's root, opened so that no link of the container leads out of it.
static int copy_from_container(const char *root_path, const char *dest, const char *path) {
  struct tree_copy copy = {.can_clone = true};
  AUTO_CLOSE int root = open(root_path, O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (root < 0) die(CODE_HOST, "copy: %s: %s", root_path, strerror(errno));
  AUTO_CLOSE int from = in_root_open(root, path, O_RDONLY | O_DIRECTORY);
  if (from < 0 && (errno == ENOENT || errno == ENOTDIR)) return CODE_OK;
  if (from < 0) die(CODE_HOST, "copy: %s: %s", path, strerror(errno));
  copy_begin(&copy, dest);
  apply_layer(&copy, from, ".", dest);
  copy_end(&copy);
  return CODE_OK;
}

int copy_main(int argc, char **argv) {
  if (argc == 5 && strcmp(argv[1], "--in") == 0) return copy_from_container(argv[2], argv[3], argv[4]);
  int first = argc > 1 && strcmp(argv[1], "--") == 0 ? 2 : 1;
  if (argc - first < 2 || (first == 1 && argv[1][0] == '-')) die(CODE_USAGE, "copy: arguments: want DEST LAYER...");
  struct tree_copy copy = {.can_clone = true};
  copy_begin(&copy, argv[first]);
  for (int i = first + 1; i < argc; i++) apply_layer(&copy, AT_FDCWD, argv[i], argv[first]);
  copy_end(&copy);
  return CODE_OK;
}
