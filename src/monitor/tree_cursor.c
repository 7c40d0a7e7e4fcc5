// A walk without recursion, see tree_cursor.h.
#include "tree_cursor.h"

#include "kernel.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/syscall.h>

#define RESOLVE_NO_XDEV 0x01

enum { OPEN_DIRECTORY = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC };

// Which mount an open file is on; a bind mount of the same file system has the same device number, but not this.
static int mount_id(int fd, uint64_t *id) {
  char path[64];
  AUTO_BUFFER struct buffer text = {0};
  snprintf(path, sizeof path, "/proc/self/fdinfo/%d", fd);
  if (io_read_file(AT_FDCWD, path, &text, 4096) < 0) return -1;
  const char *found = strstr(text.data, "mnt_id:");
  if (found == NULL) {
    errno = ENOTSUP;
    return -1;
  }
  *id = strtoull(found + strlen("mnt_id:"), NULL, 10);
  return 0;
}

static int open_checked(int dirfd, const char *name) {
  AUTO_CLOSE int fd = RETRY(openat(dirfd, name, OPEN_DIRECTORY));
  uint64_t outer, inner;
  if (fd < 0 || mount_id(dirfd, &outer) < 0 || mount_id(fd, &inner) < 0) return -1;
  if (outer == inner) return io_take(&fd);
  errno = EXDEV;
  return -1;
}

static int open_on_same_mount(int dirfd, const char *name) {
  struct kernel_open_how how = {.flags = OPEN_DIRECTORY, .resolve = RESOLVE_NO_XDEV};
  int fd = (int)RETRY(syscall(KERNEL_NR_OPENAT2, dirfd, name, &how, sizeof how));
  // Linux before 5.6, or a seccomp profile older than the call.
  if (fd < 0 && (errno == ENOSYS || errno == EPERM)) return open_checked(dirfd, name);
  return fd;
}

static int push(struct tree_cursor *cursor, int *fd, const char *name) {
  struct stat status;
  if (fstat(*fd, &status) < 0) return -1;
  if (cursor->depth == cursor->capacity) {
    cursor->capacity = cursor->capacity == 0 ? 16 : cursor->capacity * 2;
    cursor->levels = xrealloc_array(cursor->levels, cursor->capacity, sizeof *cursor->levels);
  }
  cursor->levels[cursor->depth++] =
      (struct tree_level){.name = xstrdup(name), .dev = status.st_dev, .ino = status.st_ino};
  io_close(&cursor->fd);
  cursor->fd = io_take(fd);
  return 0;
}

static int enter(struct tree_cursor *cursor, int dirfd, const char *name, bool enter_mount) {
  AUTO_CLOSE int fd = enter_mount ? RETRY(openat(dirfd, name, OPEN_DIRECTORY)) : open_on_same_mount(dirfd, name);
  return fd < 0 ? -1 : push(cursor, &fd, name);
}

int tree_cursor_open(struct tree_cursor *cursor, int dirfd, const char *name, bool enter_mount) {
  *cursor = (struct tree_cursor){.fd = -1};
  return enter(cursor, dirfd, name, enter_mount);
}

int tree_cursor_enter(struct tree_cursor *cursor, const char *name) {
  return enter(cursor, cursor->fd, name, cursor->enters_mounts);
}

static void pop(struct tree_cursor *cursor) {
  struct tree_level *level = &cursor->levels[--cursor->depth];
  free(level->name);
  buffer_free(&level->pending);
}

int tree_cursor_leave(struct tree_cursor *cursor, char **name) {
  const struct tree_level *parent = &cursor->levels[cursor->depth - 2];
  AUTO_CLOSE int fd = RETRY(openat(cursor->fd, "..", OPEN_DIRECTORY));
  struct stat status;
  if (fd < 0 || fstat(fd, &status) < 0) return -1;
  if (status.st_dev != parent->dev || status.st_ino != parent->ino) {
    errno = ESTALE;
    return -1;
  }
  *name = cursor->levels[cursor->depth - 1].name;
  cursor->levels[cursor->depth - 1].name = NULL;
  pop(cursor);
  io_close(&cursor->fd);
  cursor->fd = io_take(&fd);
  return 0;
}

void tree_cursor_close(struct tree_cursor *cursor) {
  while (cursor->depth > 0) pop(cursor);
  free(cursor->levels);
  cursor->levels = NULL;
  io_close(&cursor->fd);
}

int tree_cursor_scan(struct tree_cursor *cursor, int (*each)(void *context, const struct dirent *found),
                     void *context) {
  AUTO_CLOSE int fd = openat(cursor->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *stream = fd < 0 ? NULL : fdopendir(fd);
  if (stream == NULL) return -1;
  (void)io_take(&fd); // the stream's now
  const struct dirent *found;
  int result = 0;
  while (result == 0 && (errno = 0, found = readdir(stream)) != NULL)
    if (strcmp(found->d_name, ".") != 0 && strcmp(found->d_name, "..") != 0) result = each(context, found);
  int error = errno;
  closedir(stream);
  errno = error;
  return result == 0 && error != 0 ? -1 : result;
}

void tree_cursor_put(struct tree_cursor *cursor, const char *name) {
  buffer_append(&cursor->levels[cursor->depth - 1].pending, name, strlen(name) + 1);
}

const char *tree_cursor_next(struct tree_cursor *cursor) {
  struct tree_level *level = &cursor->levels[cursor->depth - 1];
  if (level->next == level->pending.length) {
    buffer_clear(&level->pending);
    level->next = 0;
    return NULL;
  }
  const char *name = level->pending.data + level->next;
  level->next += strlen(name) + 1;
  return name;
}

void tree_cursor_path(const struct tree_cursor *cursor, const char *name, struct buffer *path) {
  buffer_clear(path);
  for (size_t i = 1; i < cursor->depth; i++) {
    const char *level = cursor->levels[i].name;
    buffer_append(path, level, strlen(level));
    buffer_append(path, "/", 1);
  }
  buffer_append(path, name, strlen(name));
}

// chmod of a name would follow a link put there meanwhile; of a descriptor that cannot be opened it goes through /proc.
int tree_make_readable(int dirfd, const char *name) {
  char path[64];
  AUTO_CLOSE int fd = openat(dirfd, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0) return -1;
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  return chmod(path, 0700);
}
