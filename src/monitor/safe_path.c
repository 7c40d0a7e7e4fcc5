// Walks archive names inside a root, see safe_path.h. Written by hand and not with openat2(RESOLVE_IN_ROOT) because
// missing directories have to be made on the way, also behind a link, and because older seccomp profiles refuse it.
#include "safe_path.h"

#include "in_root.h"
#include "whiteout.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>

enum {
  MAX_LINKS = 40, // as in the kernel's own lookup
  OPEN_DIRECTORY = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC,
};

struct walk {
  struct safe_root *root;
  bool create;
  int links; // followed so far
};

int safe_open(struct safe_root *root, const char *path) {
  *root = (struct safe_root){.fd = -1, .top = -1, .deep = -1};
  struct stat status;
  AUTO_CLOSE int fd = RETRY(open(path, O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (fd < 0 || fstat(fd, &status) < 0) return -1;
  root->dev = status.st_dev;
  root->ino = status.st_ino;
  root->fd = io_take(&fd);
  return 0;
}

int safe_open_below(struct safe_root *root, const char *top, const char *path) {
  if (safe_open(root, top) < 0) return -1;
  root->top = root->fd;
  root->fd = in_root_open(root->top, path, O_PATH | O_DIRECTORY);
  return root->fd < 0 ? -1 : 0;
}

static void forget_below(struct safe_root *root, size_t depth) {
  io_close(&root->deep);
  while (root->depth > depth) {
    struct safe_step *step = &root->steps[--root->depth];
    io_close(&step->fd);
    free(step->name);
  }
}

void safe_forget(struct safe_root *root) { root->stale = true; }

void safe_close(struct safe_root *root) {
  forget_below(root, 0);
  io_close(&root->fd);
  io_close(&root->top);
}

const char *safe_normalize(char *name) {
  if (name[0] == '\0') return "entry without a name";
  char *out = name;
  for (const char *next = name; *next != '\0';) {
    size_t length = strcspn(next, "/");
    if (length == 2 && next[0] == '.' && next[1] == '.') return "name contains ..";
    if (length > 0 && !(length == 1 && next[0] == '.')) {
      if (out > name) *out++ = '/';
      memmove(out, next, length);
      out += length;
    }
    next += length;
    while (*next == '/') next++;
  }
  *out = '\0';
  return out - name >= PATH_MAX ? "name is too long" : NULL;
}

static int open_parent(const struct safe_root *root, int directory) {
  struct stat status;
  if (fstat(directory, &status) < 0) return -1;
  bool at_root = status.st_dev == root->dev && status.st_ino == root->ino;
  return openat(directory, at_root ? "." : "..", OPEN_DIRECTORY);
}

static int descend(struct walk *walk, int directory, const char *name);

// Where a link in directory leads. Recursion with descend() is bounded by MAX_LINKS.
static int follow(struct walk *walk, int directory, const char *name) {
  char target[PATH_MAX];
  ssize_t size = readlinkat(directory, name, target, sizeof target);
  if (size < 0) return -1;
  if ((size_t)size == sizeof target || ++walk->links > MAX_LINKS) {
    errno = (size_t)size == sizeof target ? ENAMETOOLONG : ELOOP;
    return -1;
  }
  target[size] = '\0';
  int top = walk->root->top >= 0 ? walk->root->top : walk->root->fd;
  AUTO_CLOSE int at = openat(target[0] == '/' ? top : directory, ".", OPEN_DIRECTORY);
  for (char *rest = target, *component; at >= 0 && (component = strsep(&rest, "/")) != NULL;) {
    if (component[0] == '\0' || strcmp(component, ".") == 0) continue;
    int next = strcmp(component, "..") == 0 ? open_parent(walk->root, at) : descend(walk, at, component);
    io_close(&at);
    at = next;
  }
  return io_take(&at);
}

static int make_directory(struct walk *walk, int directory, const char *name) {
  if (walk->root->is_layer && strncmp(name, WHITEOUT_PREFIX, strlen(WHITEOUT_PREFIX)) == 0) {
    errno = EINVAL;
    return -1;
  }
  if (mkdirat(directory, name, 0755) < 0) return -1;
  walk->root->created++;
  return openat(directory, name, OPEN_DIRECTORY);
}

// What the layer puts where it said "deleted" replaces, not extends, what lower layers have there.
static int replace_whiteout(struct walk *walk, int directory, const char *name) {
  if (unlinkat(directory, name, 0) < 0) return -1;
  AUTO_CLOSE int fd = make_directory(walk, directory, name);
  if (fd < 0 || whiteout_set_opaque(fd) < 0) return -1;
  return io_take(&fd);
}

// Opens one component, whatever stands for it. -1 with errno.
static int descend(struct walk *walk, int directory, const char *name) {
  if (strcmp(name, "..") == 0) { // never normalized: the one thing the kernel would follow out
    errno = EINVAL;
    return -1;
  }
  int fd = openat(directory, name, OPEN_DIRECTORY);
  if (fd >= 0) return fd;
  if (errno == ENOENT && walk->create) return make_directory(walk, directory, name);
  if (errno != ENOTDIR && errno != ELOOP) return -1;
  struct stat status;
  if (fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) < 0) return -1;
  if (S_ISLNK(status.st_mode)) return follow(walk, directory, name);
  if (walk->root->is_layer && whiteout_is(&status) && walk->create) return replace_whiteout(walk, directory, name);
  errno = ENOTDIR;
  return -1;
}

static int last_fd(const struct safe_root *root) {
  if (root->deep >= 0) return root->deep;
  return root->depth > 0 ? root->steps[root->depth - 1].fd : root->fd;
}

static int enter(struct walk *walk, const char *name) {
  struct safe_root *root = walk->root;
  int fd = descend(walk, last_fd(root), name);
  if (fd < 0) return -1;
  if (root->depth < SAFE_CACHED_DIRECTORIES) {
    root->steps[root->depth++] = (struct safe_step){.name = xstrdup(name), .fd = fd};
  } else {
    io_close(&root->deep);
    root->deep = fd;
  }
  return 0;
}

int safe_parent(struct safe_root *root, const char *name, bool create, const char **base) {
  struct walk walk = {.root = root, .create = create};
  const char *rest = name;
  size_t same = 0;
  if (root->stale) forget_below(root, 0);
  root->stale = false;
  for (const char *slash; (slash = strchr(rest, '/')) != NULL && same < root->depth; rest = slash + 1, same++) {
    size_t length = (size_t)(slash - rest);
    const char *cached = root->steps[same].name;
    if (strncmp(cached, rest, length) != 0 || cached[length] != '\0') break;
  }
  forget_below(root, same);
  for (const char *slash; (slash = strchr(rest, '/')) != NULL; rest = slash + 1) {
    char component[NAME_MAX + 1];
    size_t length = (size_t)(slash - rest);
    if (length >= sizeof component) {
      errno = ENAMETOOLONG;
      return -1;
    }
    memcpy(component, rest, length);
    component[length] = '\0';
    if (enter(&walk, component) < 0) return -1;
  }
  *base = rest;
  return last_fd(root);
}

const char *safe_shown(const char *name, char shown[SAFE_SHOWN_SIZE]) {
  size_t length = 0;
  for (; *name != '\0'; name++) {
    if (length > SAFE_SHOWN_SIZE - 8) {
      memcpy(shown + length, "...", 3);
      length += 3;
      break;
    }
    unsigned char byte = (unsigned char)*name;
    if (byte >= ' ' && byte < 0x7f && byte != '\\') shown[length++] = *name;
    else length += (size_t)snprintf(shown + length, 5, "\\x%02x", byte);
  }
  shown[length] = '\0';
  return shown;
}
