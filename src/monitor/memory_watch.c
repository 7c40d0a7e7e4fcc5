// Did the kernel kill the container for lack of memory? See cgroup.h; cgroup-v2.rst memory.events, v1 memory.oom_control.
#include "cgroup.h"

#include "mountinfo.h"

#include <fcntl.h>
#include <stdio.h>

void memory_watch_prepare(struct memory_watch *watch) {
  AUTO_MOUNTINFO struct mountinfo memory = {0};
  if (mountinfo_find("cgroup", "memory", &memory))
    watch->v1_dirfd = open(memory.mount_point, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

// The path on the line of /proc/PID/cgroup that begins with `ID:` and names the controller ("" is version 2's line).
// NULL when there is none; the caller frees.
static char *group_of(const char *process, const char *controller) {
  AUTO_BUFFER struct buffer lines = {0};
  char file[32];
  snprintf(file, sizeof file, "/proc/%s/cgroup", process);
  if (io_read_file(AT_FDCWD, file, &lines, 1 << 16) < 0) return NULL;
  for (char *rest = lines.data, *line; (line = strsep(&rest, "\n")) != NULL;) {
    char *id = strsep(&line, ":"), *names = strsep(&line, ":");
    if (line == NULL || (controller[0] == '\0' && strcmp(id, "0") != 0)) continue;
    for (char *name; (name = strsep(&names, ",")) != NULL;)
      if (strcmp(name, controller) == 0) return xstrdup(line);
  }
  return NULL;
}

static int open_group_file(int dirfd, const char *group, const char *file) {
  AUTO_BUFFER struct buffer path = {0};
  buffer_printf(&path, "./%s/%s", group, file);
  return openat(dirfd, path.data, O_RDONLY | O_CLOEXEC);
}

static bool is_own(const char *process, const char *controller, char **group) {
  AUTO_FREE char *ours = group_of("self", controller);
  *group = group_of(process, controller);
  return *group == NULL || (ours != NULL && strcmp(ours, *group) == 0);
}

static int open_v2(const char *process) {
  AUTO_FREE char *group = NULL;
  if (is_own(process, "", &group)) return -1;
  AUTO_CLOSE int root = open("/sys/fs/cgroup", O_PATH | O_DIRECTORY | O_CLOEXEC);
  return root < 0 ? -1 : open_group_file(root, group, "memory.events");
}

static int open_v1(int dirfd, const char *process) {
  AUTO_FREE char *group = NULL;
  if (dirfd < 0 || is_own(process, "memory", &group)) return -1;
  return open_group_file(dirfd, group, "memory.oom_control");
}

void memory_watch_begin(struct memory_watch *watch, pid_t pid) {
  char process[16];
  snprintf(process, sizeof process, "%d", (int)pid);
  watch->fd = open_v2(process);
  if (watch->fd < 0) watch->fd = open_v1(watch->v1_dirfd, process);
  io_close(&watch->v1_dirfd);
}

void memory_watch_update(struct memory_watch *watch) {
  char text[512];
  if (watch->fd < 0) return;
  ssize_t size = RETRY(pread(watch->fd, text, sizeof text - 1, 0));
  if (size < 0) return; // the group is gone; what was seen before still counts
  text[size] = '\0';
  for (char *rest = text, *line; (line = strsep(&rest, "\n")) != NULL;)
    if (strncmp(line, "oom_kill ", 9) == 0 && strcmp(line + 9, "0") != 0) watch->killed = true;
}

void memory_watch_close(struct memory_watch *watch) {
  io_close(&watch->fd);
  io_close(&watch->v1_dirfd);
}

int memory_watch_verdict(const struct memory_watch *watch) { return watch->fd < 0 ? -1 : watch->killed; }
