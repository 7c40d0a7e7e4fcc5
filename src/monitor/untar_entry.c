// Puts one entry of an archive into the layer. Entries are applied in order, a later one replaces an earlier one, and
// nothing that an earlier one left behind is ever followed out of the layer (see safe_path.h).
// OCI image-spec layer.md, "Whiteouts": they speak of lower layers only.
#include "untar.h"

#include "tree.h"
#include "whiteout.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

// The kernel's device numbers (12 and 20 bits). Larger ones would lose bits on their way, down to 0/0: a whiteout.
enum { MAX_MAJOR = 0xfff, MAX_MINOR = 0xfffff };

// Frees the name. Returns false when nothing was there.
static bool clear(struct untar *untar, const struct untar_place *place) {
  struct stat status;
  if (fstatat(place->directory, place->base, &status, AT_SYMLINK_NOFOLLOW) < 0) {
    if (errno == ENOENT) return false;
    untar_fail(place->name, "look up");
  }
  int removed = S_ISDIR(status.st_mode) ? tree_remove_at(place->directory, place->base, NULL)
                                        : unlinkat(place->directory, place->base, 0);
  if (removed < 0) untar_fail(place->name, "replace");
  if (!S_ISREG(status.st_mode)) safe_forget(&untar->root);
  return true;
}

// Into a tree that is in use a directory and anything else take each other's place only when that was asked for.
static void check_replacement(const struct untar *untar, const struct untar_place *place, bool by_directory) {
  struct stat status;
  if (untar->is_layer || untar->overwrite) return;
  if (fstatat(place->directory, place->base, &status, AT_SYMLINK_NOFOLLOW) < 0) return;
  if (by_directory) untar_refuse(place->name, "cannot overwrite a non-directory with a directory");
  if (S_ISDIR(status.st_mode)) untar_refuse(place->name, "cannot overwrite a directory with a non-directory");
}

static void add_late_directory(struct untar *untar, const struct tar_entry *entry, const char *name) {
  if (untar->directory_count == untar->directory_capacity) {
    untar->directory_capacity = untar->directory_capacity == 0 ? 256 : untar->directory_capacity * 2;
    untar->directories =
        xrealloc_array(untar->directories, untar->directory_capacity, sizeof *untar->directories);
  }
  untar->directories[untar->directory_count++] =
      (struct untar_directory){.name = xstrdup(name), .mode = entry->mode, .mtime = entry->mtime};
}

static void set_directory_xattrs(struct untar *untar, const struct tar_entry *entry, const struct untar_place *place) {
  if (entry->xattr_count == 0) return;
  AUTO_CLOSE int fd = openat(place->directory, place->base, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0) untar_fail(place->name, "open");
  untar_set_xattrs(untar, entry, fd, place->name);
}

static void set_opaque(const struct untar_place *place) {
  AUTO_CLOSE int fd = openat(place->directory, place->base, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0 || whiteout_set_opaque(fd) < 0) untar_fail(place->name, "make opaque");
}

static void put_directory(struct untar *untar, const struct tar_entry *entry, const struct untar_place *place) {
  if (mkdirat(place->directory, place->base, 0700) < 0) {
    struct stat status;
    if (errno != EEXIST) untar_fail(place->name, "make directory");
    if (fstatat(place->directory, place->base, &status, AT_SYMLINK_NOFOLLOW) < 0) untar_fail(place->name, "look up");
    if (!S_ISDIR(status.st_mode)) {
      // Whatever this was, it hid what lower layers have here; the directory must go on hiding it.
      check_replacement(untar, place, true);
      clear(untar, place);
      if (mkdirat(place->directory, place->base, 0700) < 0) untar_fail(place->name, "make directory");
      if (untar->is_layer) set_opaque(place);
    }
  }
  untar_chown(untar, entry, place);
  set_directory_xattrs(untar, entry, place);
  add_late_directory(untar, entry, place->name);
}

static void set_time(const struct tar_entry *entry, const struct untar_place *place) {
  const struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, entry->mtime};
  if (utimensat(place->directory, place->base, times, AT_SYMLINK_NOFOLLOW) < 0) untar_fail(place->name, "set time");
}

static void put_symlink(struct untar *untar, const struct tar_entry *entry, const struct untar_place *place) {
  if (entry->link[0] == '\0') untar_refuse(place->name, "symbolic link to nothing");
  while (symlinkat(entry->link, place->directory, place->base) < 0)
    if (errno != EEXIST || !clear(untar, place)) untar_fail(place->name, "make symbolic link");
  untar_chown(untar, entry, place);
  untar->xattrs_skipped += entry->xattr_count; // user.* is not allowed there, capabilities mean nothing
  set_time(entry, place);
}

// chmod by name would follow a link that somebody put there meanwhile.
static int change_mode(const struct untar_place *place, mode_t mode) {
  char path[40];
  struct stat status;
  AUTO_CLOSE int fd = openat(place->directory, place->base, O_PATH | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0 || fstat(fd, &status) < 0 || S_ISLNK(status.st_mode)) return fd < 0 ? -1 : 0;
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  return chmod(path, mode);
}

static void put_special(struct untar *untar, const struct tar_entry *entry, const struct untar_place *place) {
  mode_t type = entry->kind == TAR_FIFO ? S_IFIFO : entry->kind == TAR_CHAR_DEVICE ? S_IFCHR : S_IFBLK;
  bool is_numbered = entry->major <= MAX_MAJOR && entry->minor <= MAX_MINOR;
  bool is_whiteout = type == S_IFCHR && entry->major == 0 && entry->minor == 0;
  if (!is_numbered || is_whiteout || (untar->skips_devices && type != S_IFIFO)) {
    untar->devices_skipped++;
    return;
  }
  dev_t device = makedev((unsigned)entry->major, (unsigned)entry->minor);
  while (mknodat(place->directory, place->base, type | (entry->mode & 0777), device) < 0) {
    if (errno == EEXIST && clear(untar, place)) continue;
    if (errno != EPERM || type == S_IFIFO) untar_fail(place->name, "make device");
    untar->devices_skipped++;
    return;
  }
  untar_chown(untar, entry, place);
  if ((entry->mode & 07000) != 0 && change_mode(place, entry->mode) < 0) untar_fail(place->name, "chmod");
  untar->xattrs_skipped += entry->xattr_count;
  set_time(entry, place);
}

static bool is_same_file(int directory, const char *base, const struct stat *other) {
  struct stat status;
  return fstatat(directory, base, &status, AT_SYMLINK_NOFOLLOW) == 0 && status.st_dev == other->st_dev &&
         status.st_ino == other->st_ino;
}

// Makes place->directory and place->base valid for the current name; the way to it is made when it is missing.
static struct untar_place find_place(struct untar *untar, const char *name) {
  struct untar_place place = {.name = name};
  place.directory = safe_parent(&untar->root, name, true, &place.base);
  if (place.directory < 0) untar_fail(name, "open its directory");
  return place;
}

static void put_hard_link(struct untar *untar, const struct tar_entry *entry, const char *name) {
  buffer_clear(&untar->link);
  buffer_append(&untar->link, entry->link, strlen(entry->link) + 1);
  const char *wrong = safe_normalize(untar->link.data), *base;
  if (wrong != NULL || untar->link.data[0] == '\0') untar_refuse(name, "hard link leads nowhere");
  int found = safe_parent(&untar->root, untar->link.data, false, &base);
  AUTO_CLOSE int from = found < 0 ? -1 : openat(found, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
  struct stat status;
  if (from < 0 || fstatat(from, base, &status, AT_SYMLINK_NOFOLLOW) < 0) untar_fail(name, "find what it links to");
  if (S_ISDIR(status.st_mode) || whiteout_is(&status)) untar_refuse(name, "hard link to something that is no file");
  struct untar_place place = find_place(untar, name);
  check_replacement(untar, &place, false);
  while (linkat(from, base, place.directory, place.base, 0) < 0) {
    if (errno == EEXIST && is_same_file(place.directory, place.base, &status)) return;
    if (errno != EEXIST || !clear(untar, &place)) untar_fail(name, "make hard link");
  }
}

// A name the same archive put there is never removed: it hides the lower ones already, a directory when it is opaque.
static void put_whiteout(struct untar_place place) {
  place.base += strlen(WHITEOUT_PREFIX);
  if (place.base[0] == '\0' || strcmp(place.base, ".") == 0 || strcmp(place.base, "..") == 0)
    untar_refuse(place.name, "whiteout of nothing");
  if (whiteout_make(place.directory, place.base) == 0) return;
  struct stat status;
  if (errno != EEXIST || fstatat(place.directory, place.base, &status, AT_SYMLINK_NOFOLLOW) < 0)
    untar_fail(place.name, "make whiteout");
  if (S_ISDIR(status.st_mode)) set_opaque(&place);
}

static void put(struct untar *untar, const struct tar_entry *entry, const char *name) {
  if (entry->kind == TAR_HARD_LINK) {
    put_hard_link(untar, entry, name);
    return;
  }
  struct untar_place place = find_place(untar, name);
  if (entry->kind != TAR_DIRECTORY) check_replacement(untar, &place, false);
  switch (entry->kind) {
  case TAR_FILE:
    while (!untar_file(untar, entry, &place))
      if (!clear(untar, &place)) untar_refuse(name, "cannot be replaced");
    break;
  case TAR_DIRECTORY: put_directory(untar, entry, &place); break;
  case TAR_SYMLINK: put_symlink(untar, entry, &place); break;
  case TAR_CHAR_DEVICE:
  case TAR_BLOCK_DEVICE:
  case TAR_FIFO: put_special(untar, entry, &place); break;
  case TAR_HARD_LINK: break;
  }
}

static void put_root(struct untar *untar, const struct tar_entry *entry) {
  if (entry->kind != TAR_DIRECTORY) untar_refuse("/", "the root can only be a directory");
  const struct untar_place place = {untar->root.fd, ".", "/"};
  untar_chown(untar, entry, &place);
  set_directory_xattrs(untar, entry, &place);
  add_late_directory(untar, entry, "");
}

static bool has_prefix(const char *text, const char *prefix) { return strncmp(text, prefix, strlen(prefix)) == 0; }

// ".wh..wh.plnk" and its like are bookkeeping that AUFS left in old images.
static bool is_aufs_leftover(const char *name) {
  for (const char *next = name; next != NULL; next = strchr(next, '/')) {
    if (*next == '/') next++;
    bool is_last = strchr(next, '/') == NULL;
    if (has_prefix(next, WHITEOUT_META_PREFIX)) return !is_last || strcmp(next, WHITEOUT_OPAQUE) != 0;
    if (has_prefix(next, WHITEOUT_PREFIX) && !is_last) untar_refuse(name, "whiteout used as a directory");
  }
  return false;
}

void untar_entry(struct untar *untar, const struct tar_entry *entry) {
  buffer_clear(&untar->name);
  buffer_append(&untar->name, entry->name, strlen(entry->name) + 1);
  char *name = untar->name.data;
  const char *wrong = safe_normalize(name);
  if (wrong != NULL) untar_refuse(entry->name, wrong);
  uint64_t created = untar->root.created;
  if (name[0] == '\0') {
    put_root(untar, entry);
  } else if (!untar->is_layer) {
    put(untar, entry, name);
  } else if (!is_aufs_leftover(name)) {
    const char *slash = strrchr(name, '/'), *base = slash == NULL ? name : slash + 1;
    if (strcmp(base, WHITEOUT_OPAQUE) == 0) {
      struct untar_place place = find_place(untar, name);
      if (whiteout_set_opaque(place.directory) < 0) untar_fail(name, "make opaque");
    } else if (has_prefix(base, WHITEOUT_PREFIX)) {
      put_whiteout(find_place(untar, name));
    } else {
      put(untar, entry, name);
    }
  }
  untar_spend(untar, name, (untar->root.created - created) * TAR_BLOCK);
}
