// Did the kernel kill the container for lack of memory? See cgroup.h; cgroup-v2.rst, memory.events.
#include "cgroup.h"

#include "mountinfo.h"

#include <fcntl.h>
#include <stdio.h>

// The path on version 2's line of /proc/PROCESS/cgroup (`0::/path`). NULL when there is none; the caller frees.
static char *group_of(const char *process) {
  AUTO_BUFFER struct buffer lines = {0};
  char file[32];
  snprintf(file, sizeof file, "/proc/%s/cgroup", process);
  if (io_read_file(AT_FDCWD, file, &lines, 1 << 16) < 0) return NULL;
  for (char *rest = lines.data, *line; (line = strsep(&rest, "\n")) != NULL;)
    if (strncmp(line, "0::", 3) == 0) return xstrdup(line + 3);
  return NULL;
}

// group is seen from the cgroup namespace's root; what is mounted at /sys/fs/cgroup may be a group below that.
static const char *below_mount(const char *group) {
  AUTO_MOUNTINFO struct mountinfo mounted = {0};
  if (!mountinfo_find("cgroup2", NULL, &mounted)) return NULL;
  size_t length = strcmp(mounted.root, "/") == 0 ? 0 : strlen(mounted.root);
  return strncmp(group, mounted.root, length) == 0 ? group + length : NULL;
}

void memory_watch_begin(struct memory_watch *watch, pid_t pid) {
  AUTO_BUFFER struct buffer path = {0};
  char process[16];
  snprintf(process, sizeof process, "%d", (int)pid);
  AUTO_FREE char *ours = group_of("self");
  AUTO_FREE char *theirs = group_of(process);
  if (theirs == NULL || (ours != NULL && strcmp(ours, theirs) == 0)) return;
  const char *below = below_mount(theirs);
  if (below == NULL) return;
  buffer_printf(&path, "/sys/fs/cgroup%s/memory.events", below);
  watch->fd = open(path.data, O_RDONLY | O_CLOEXEC);
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

void memory_watch_close(struct memory_watch *watch) { io_close(&watch->fd); }

int memory_watch_verdict(const struct memory_watch *watch) { return watch->fd < 0 ? -1 : watch->killed; }
