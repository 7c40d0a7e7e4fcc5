// Telling changes from what was there, see layer_changes.h. fuse-overlayfs spells "deleted" as a name, where it could
// not make a device, and "opaque" as a name or an attribute of its own.
#include "layer_changes.h"

#include "safe_path.h"
#include "tree_attributes.h"
#include "whiteout.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/xattr.h>

int layer_form_parse(const char *text, enum layer_form *form) {
  static const char *const names[] = {[LAYER_OVERLAY] = "overlay", [LAYER_FUSE] = "fuse-overlayfs",
                                      [LAYER_COPY] = "copy"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    if (strcmp(text, names[i]) != 0) continue;
    *form = (enum layer_form)i;
    return 0;
  }
  return -1;
}

static _Noreturn void fail(const struct layer_changes *changes, const char *path) {
  char shown[SAFE_SHOWN_SIZE];
  int error = errno;
  die(CODE_HOST, "%s: %s: %s", changes->verb, safe_shown(path, shown), strerror(error));
}

static bool has_prefix(const char *text, const char *prefix) { return strncmp(text, prefix, strlen(prefix)) == 0; }

static bool is_opaque(const struct layer_changes *changes, int directory) {
  char value[2];
  if (changes->form == LAYER_COPY) return false;
  if (whiteout_is_opaque(directory)) return true;
  if (changes->form != LAYER_FUSE) return false;
  return fgetxattr(directory, "user.fuseoverlayfs.opaque", value, sizeof value) == 1 ||
         faccessat(directory, WHITEOUT_OPAQUE, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static bool is_same_time(const struct stat *one, const struct stat *other) {
  return one->st_mtim.tv_sec == other->st_mtim.tv_sec && one->st_mtim.tv_nsec == other->st_mtim.tv_nsec;
}

static bool is_same_link(int one, int other, const char *name, const char *other_name) {
  char ours[PATH_MAX], theirs[PATH_MAX];
  ssize_t size = readlinkat(one, name, ours, sizeof ours);
  return size >= 0 && readlinkat(other, other_name, theirs, sizeof theirs) == size &&
         memcmp(ours, theirs, (size_t)size) == 0;
}

static bool has_same_attributes(int one, int other, const char *name, const char *other_name) {
  enum { HOW = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC };
  char which[TREE_ATTRIBUTE_NAME_SIZE];
  AUTO_CLOSE int ours = openat(one, name, HOW);
  AUTO_CLOSE int theirs = openat(other, other_name, HOW);
  return ours >= 0 && theirs >= 0 && tree_attributes_differ(ours, theirs, whiteout_owns_xattr, which) == 0;
}

// Of two that are called the same. Contents are not read: whoever changes them changes the time.
static bool is_same(const struct layer_changes *changes, const char *name, const struct stat *status,
                    const struct stat *below, int directory) {
  const char *slash = strrchr(changes->path.data, '/');
  const char *below_name = changes->path.length == 0 ? "." : slash == NULL ? changes->path.data : slash + 1;
  int here = changes->cursor.fd;
  if (status->st_mode != below->st_mode || status->st_uid != below->st_uid || status->st_gid != below->st_gid ||
      status->st_rdev != below->st_rdev)
    return false;
  bool is_root = changes->path.length == 0; // made anew for each container, so its time says nothing
  if (!is_root && !is_same_time(status, below)) return false;
  if (S_ISLNK(status->st_mode)) return is_same_link(here, directory, name, below_name);
  if (S_ISDIR(status->st_mode)) return has_same_attributes(here, directory, name, below_name);
  if (!S_ISREG(status->st_mode)) return true;
  if (status->st_nlink > below->st_nlink) return false; // a new name is a link to this file only when both are told
  return status->st_size == below->st_size && has_same_attributes(here, directory, name, below_name);
}

static bool is_complete(const struct layer_changes *changes) {
  return changes->form == LAYER_COPY ||
         (changes->complete_from > 0 && changes->cursor.depth >= changes->complete_from);
}

static void tell_deleted(void *context, const char *name) {
  struct layer_changes *changes = context;
  if (faccessat(changes->deleted_in, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0) return;
  AUTO_BUFFER struct buffer path = {0};
  buffer_printf(&path, "%s%s%s", changes->path.data, changes->path.length == 0 ? "" : "/", name);
  changes->each(changes->context, CHANGE_DELETED, path.data, name, NULL, false);
}

// A directory that is also one in the layers below, or is new. False: it is gone, or something else by now.
static bool tell_directory(struct layer_changes *changes, const char *name, const struct stat *status) {
  struct stat below;
  AUTO_CLOSE int directory = -1;
  AUTO_CLOSE int fd = openat(changes->cursor.fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0 && (errno == ENOENT || errno == ENOTDIR || errno == ELOOP)) return false;
  if (fd < 0) fail(changes, changes->path.data);
  bool is_below = layer_stack_find(&changes->below, changes->path.data, &below, &directory);
  bool merges = is_below && S_ISDIR(below.st_mode);
  bool opaque = merges && is_opaque(changes, fd);
  bool same = merges && is_same(changes, name, status, &below, directory);
  enum change change = !is_below ? CHANGE_ADDED : same ? CHANGE_NONE : CHANGE_CHANGED;
  changes->each(changes->context, change, changes->path.data, name, status, opaque);
  if (!merges || !(opaque || is_complete(changes))) return true;
  changes->deleted_in = fd;
  layer_stack_list(&changes->below, changes->path.data, tell_deleted, changes);
  if (opaque && changes->complete_from == 0) changes->complete_from = changes->cursor.depth + 1;
  return true;
}

static void tell_whiteout(struct layer_changes *changes, const char *name) {
  struct stat below;
  if (layer_stack_find(&changes->below, changes->path.data, &below, NULL))
    changes->each(changes->context, CHANGE_DELETED, changes->path.data, name, NULL, false);
}

static void tell_other(struct layer_changes *changes, const char *name, const struct stat *status) {
  struct stat below;
  AUTO_CLOSE int directory = -1;
  bool is_below = layer_stack_find(&changes->below, changes->path.data, &below, &directory);
  if (is_below && changes->form == LAYER_COPY && is_same(changes, name, status, &below, directory)) return;
  changes->each(changes->context, is_below ? CHANGE_CHANGED : CHANGE_ADDED, changes->path.data, name, status, false);
}

static bool visit(void *context, const char *name, const struct stat *status) {
  struct layer_changes *changes = context;
  if (changes->cursor.depth < changes->complete_from) changes->complete_from = 0; // left that directory
  bool is_fuses = changes->form == LAYER_FUSE && has_prefix(name, WHITEOUT_PREFIX);
  if (is_fuses && (S_ISCHR(status->st_mode) || has_prefix(name, WHITEOUT_META_PREFIX))) return false;
  const char *meant = is_fuses ? name + strlen(WHITEOUT_PREFIX) : name;
  tree_cursor_path(&changes->cursor, meant, &changes->path);
  if (is_fuses || (changes->form != LAYER_COPY && whiteout_is(status))) {
    tell_whiteout(changes, meant);
    return false;
  }
  if (!S_ISDIR(status->st_mode)) {
    tell_other(changes, name, status);
    return false;
  }
  return tell_directory(changes, name, status);
}

void layer_changes_walk(struct layer_changes *changes, const char *tree, char *const *layers, size_t layer_count) {
  struct stat status;
  if (tree_cursor_open(&changes->cursor, AT_FDCWD, tree, true) < 0 || fstat(changes->cursor.fd, &status) < 0)
    fail(changes, tree);
  layer_stack_open(&changes->below, layers, layer_count);
  buffer_append(&changes->path, "", 0);
  tell_directory(changes, ".", &status);
  tree_walk(changes->verb, &changes->cursor, &(struct tree_walker){visit, changes});
  tree_cursor_close(&changes->cursor);
  layer_stack_close(&changes->below);
  buffer_free(&changes->path);
}
