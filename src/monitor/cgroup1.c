// Version 1 groups, see cgroup1.h.
#include "cgroup1.h"

#include "kernel.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <time.h>

#define REMOVE_TRIES 100 // 10 ms apart

static int failure(struct buffer *why, const char *verb, const char *path) {
  buffer_printf(why, "%s: %s: %s", verb, path, strerror(errno));
  return -1;
}

static int write_file(int dirfd, const char *name, const char *value, size_t size) {
  AUTO_CLOSE int fd = openat(dirfd, name, O_WRONLY | O_CLOEXEC);
  return fd < 0 ? -1 : io_write_all(fd, value, size);
}

// A fresh cpuset group has no processor and no memory, and lets nobody in: it begins with what its parent has.
static void inherit_cpuset(const char *path) {
  static const char *const names[][2] = {{"cpuset.cpus", "../cpuset.cpus"}, {"cpuset.mems", "../cpuset.mems"}};
  AUTO_CLOSE int dirfd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  for (size_t index = 0; index < sizeof names / sizeof names[0]; index++) {
    AUTO_BUFFER struct buffer value = {0};
    if (io_read_file(dirfd, names[index][1], &value, 4096) < 0) return; // another controller's
    (void)write_file(dirfd, names[index][0], value.data, value.length);
  }
}

static int make_directories(const char *path) {
  AUTO_FREE char *prefix = xstrdup(path);
  for (char *slash = prefix; slash != NULL;) {
    slash = strchr(slash + 1, '/');
    if (slash != NULL) *slash = '\0';
    if (mkdir(prefix, 0755) == 0) inherit_cpuset(prefix);
    else if (errno != EEXIST) return -1;
    if (slash != NULL) *slash = '/';
  }
  return 0;
}

static bool is_version1(int fd) {
  struct statfs found;
  return fstatfs(fd, &found) == 0 && (unsigned long)found.f_type == KERNEL_CGROUP_MAGIC;
}

static int make_group(struct cgroup1_group *group, int *procs, struct buffer *why) {
  if (make_directories(group->path) < 0) return failure(why, "make", group->path);
  AUTO_CLOSE int dirfd = open(group->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (dirfd < 0) return failure(why, "open", group->path);
  if (!is_version1(dirfd)) {
    errno = ENODEV;
    return failure(why, "version 1 group", group->path);
  }
  group->parent_fd = openat(dirfd, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
  *procs = openat(dirfd, "cgroup.procs", O_WRONLY | O_CLOEXEC);
  return group->parent_fd < 0 || *procs < 0 ? failure(why, "open", group->path) : 0;
}

// word: INDEX FILE VALUE.
static int write_value(const struct cgroup1 *groups, const char *word, struct buffer *why) {
  AUTO_BUFFER struct buffer path = {0};
  char *rest;
  const struct cgroup1_group *group = &groups->list[strtoull(word, &rest, 10)];
  const char *file = rest + 1, *value = strchr(file, ' ') + 1;
  buffer_printf(&path, "%s/%.*s", group->path, (int)(value - file) - 1, file);
  return write_file(AT_FDCWD, path.data, value, strlen(value)) < 0 ? failure(why, "write", path.data) : 0;
}

int cgroup1_make(struct cgroup1 *groups, const struct spec *spec, struct buffer *why) {
  groups->list = xcalloc(spec->cgroup1.count, sizeof *groups->list);
  groups->procs = xcalloc(spec->cgroup1.count, sizeof *groups->procs);
  for (size_t index = 0; index < spec->cgroup1.count; index++) {
    const char *path = spec->cgroup1.list[index];
    groups->list[index] = (struct cgroup1_group){path, strrchr(path, '/') + 1, -1};
    groups->procs[index] = -1;
    groups->count++;
    if (make_group(&groups->list[index], &groups->procs[index], why) < 0) return -1;
  }
  for (size_t index = 0; index < spec->cgroup1_values.count; index++)
    if (write_value(groups, spec->cgroup1_values.list[index], why) < 0) return -1;
  return 0;
}

int cgroup1_join(const struct cgroup1 *groups, pid_t pid, struct buffer *why) {
  char text[16];
  int size = snprintf(text, sizeof text, "%d", (int)pid);
  for (size_t index = 0; index < groups->count; index++)
    if (io_write_all(groups->procs[index], text, (size_t)size) < 0)
      return failure(why, "join", groups->list[index].path);
  return 0;
}

static int open_group(const struct cgroup1_group *group) {
  return openat(group->parent_fd, group->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

static int open_file(const struct cgroup1_group *group, const char *name) {
  AUTO_CLOSE int dirfd = open_group(group);
  return openat(dirfd, name, O_RDONLY | O_CLOEXEC);
}

int cgroup1_open_oom_control(const struct cgroup1 *groups) {
  for (size_t index = 0; index < groups->count; index++) {
    int fd = open_file(&groups->list[index], "memory.oom_control");
    if (fd >= 0) return fd;
  }
  return -1;
}

bool cgroup1_is_frozen(const struct cgroup1 *groups) {
  char state[16];
  for (size_t index = 0; index < groups->count; index++) {
    AUTO_CLOSE int fd = open_file(&groups->list[index], "freezer.state");
    if (fd >= 0 && RETRY(read(fd, state, sizeof state)) > 0 && state[0] == 'F') return true; // FROZEN, FREEZING
  }
  return false;
}

// Only directories can be removed here; the files of a group go with it.
static void remove_below(int dirfd) {
  DIR *directory = fdopendir(dirfd);
  if (directory == NULL) return;
  for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
    if (entry->d_type != DT_DIR || strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
    int below = openat(dirfd, entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (below >= 0) remove_below(below);
    unlinkat(dirfd, entry->d_name, AT_REMOVEDIR);
  }
  closedir(directory);
}

// A runtime whose exec ended with the container may be inside for a moment more.
static int remove_group(const struct cgroup1_group *group) {
  const struct timespec pause = {.tv_nsec = 10 * 1000 * 1000};
  int left = REMOVE_TRIES;
  while (unlinkat(group->parent_fd, group->name, AT_REMOVEDIR) < 0) {
    if (errno == ENOENT) return 0;
    if (errno != EBUSY || --left == 0) return -1;
    nanosleep(&pause, NULL);
  }
  return 0;
}

void cgroup1_remove(struct cgroup1 *groups) {
  for (size_t index = 0; index < groups->count; index++) {
    struct cgroup1_group *group = &groups->list[index];
    io_close(&groups->procs[index]);
    if (group->parent_fd < 0) continue; // not made
    int dirfd = open_group(group);
    if (dirfd >= 0) remove_below(dirfd);
    if (remove_group(group) < 0) warn("remove: %s: %s", group->path, strerror(errno));
    io_close(&group->parent_fd);
  }
  free(groups->list);
  free(groups->procs);
  *groups = (struct cgroup1){0};
}
