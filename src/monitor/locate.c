// `locate`: what is at a path of a container, and the path with the links of its last component followed, which need
// not exist: a link to nothing can be written through; or, with --link, as it is (PROTOCOL.md). All of it inside the container's root.
#include "locate.h"

#include "in_root.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>

enum { MAX_LINKS = 40 };

struct search {
  int root;
  bool keeps_link;      // one that is last is what is looked for
  struct buffer path;   // absolute, without trailing slashes
  struct buffer parent; // of path
  char base[NAME_MAX + 1];
};

static const char *kind_of(const struct stat *status) {
  return S_ISDIR(status->st_mode) ? "directory" : S_ISREG(status->st_mode) ? "file" : "other";
}

// False: the last component is no name ("." or ".."), or too long for one.
static bool split(struct search *search) {
  const char *slash = strrchr(search->path.data, '/');
  const char *base = slash == NULL ? search->path.data : slash + 1;
  size_t length = strlen(base);
  if (length == 0 || length > NAME_MAX || strcmp(base, ".") == 0 || strcmp(base, "..") == 0) return false;
  memcpy(search->base, base, length + 1);
  buffer_clear(&search->parent);
  buffer_append(&search->parent, "/", 1);
  buffer_append(&search->parent, search->path.data, (size_t)(base - search->path.data));
  return true;
}

static void set_path(struct search *search, const char *from, const char *path) {
  buffer_clear(&search->path);
  buffer_printf(&search->path, "%s/%s", from, path);
  while (search->path.length > 1 && search->path.data[search->path.length - 1] == '/')
    search->path.data[--search->path.length] = '\0';
}

static void answer(const struct search *search, const char *kind) {
  AUTO_BUFFER struct buffer line = {0};
  buffer_printf(&line, "%s", kind);
  buffer_append(&line, "", 1);
  buffer_append(&line, search->path.data, search->path.length + 1);
  if (io_write_all(STDOUT_FILENO, line.data, line.length) < 0) die(CODE_HOST, "locate: stdout: %s", strerror(errno));
}

static bool is_absent(int error) {
  return error == ENOENT || error == ENOTDIR || error == ELOOP || error == ENAMETOOLONG;
}

static const char *look(struct search *search) {
  struct stat status;
  for (int links = 0; links <= MAX_LINKS; links++) {
    if (!split(search)) {
      AUTO_CLOSE int fd = in_root_open(search->root, search->path.data, O_PATH);
      if (fd >= 0 && fstat(fd, &status) == 0) return kind_of(&status);
      return is_absent(errno) ? "nowhere" : NULL;
    }
    AUTO_CLOSE int parent = in_root_open(search->root, search->parent.data, O_PATH | O_DIRECTORY);
    if (parent < 0) return is_absent(errno) ? "nowhere" : NULL;
    if (fstatat(parent, search->base, &status, AT_SYMLINK_NOFOLLOW) < 0) return is_absent(errno) ? "missing" : NULL;
    if (!S_ISLNK(status.st_mode) || search->keeps_link) return kind_of(&status);
    char target[PATH_MAX];
    ssize_t size = readlinkat(parent, search->base, target, sizeof target - 1);
    if (size < 0) return NULL;
    target[size] = '\0';
    AUTO_FREE char *from = xstrdup(target[0] == '/' ? "" : search->parent.data);
    set_path(search, from, target);
  }
  return "nowhere";
}

int locate_main(int argc, char **argv) {
  struct search search = {.keeps_link = argc > 1 && strcmp(argv[1], "--link") == 0};
  if (search.keeps_link) argc--, argv++;
  if (argc != 3) die(CODE_USAGE, "locate: arguments: want [--link] ROOT PATH");
  AUTO_CLOSE int root = open(argv[1], O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (root < 0) die(CODE_HOST, "locate: %s: %s", argv[1], strerror(errno));
  search.root = root;
  set_path(&search, "", argv[2]);
  const char *kind = look(&search);
  if (kind == NULL) die(CODE_HOST, "locate: %s: %s", argv[2], strerror(errno));
  answer(&search, kind);
  buffer_free(&search.path);
  buffer_free(&search.parent);
  return CODE_OK;
}
