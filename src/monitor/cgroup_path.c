// Finding a container's control group, see cgroup_path.h.
#include "cgroup_path.h"

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

char *cgroup_path_of(pid_t pid) {
  char process[16];
  snprintf(process, sizeof process, "%d", (int)pid);
  AUTO_FREE char *ours = group_of("self");
  char *theirs = group_of(process);
  if (theirs != NULL && ours != NULL && strcmp(ours, theirs) == 0) io_free(&theirs);
  return theirs;
}

// group is seen from the cgroup namespace's root; what is mounted at /sys/fs/cgroup may be a group below that.
static const char *below_mount(const char *group) {
  AUTO_MOUNTINFO struct mountinfo mounted = {0};
  if (!mountinfo_find("cgroup2", NULL, &mounted)) return NULL;
  size_t length = strcmp(mounted.root, "/") == 0 ? 0 : strlen(mounted.root);
  return strncmp(group, mounted.root, length) == 0 ? group + length : NULL;
}

int cgroup_open(pid_t pid, const char *file) {
  AUTO_BUFFER struct buffer path = {0};
  AUTO_FREE char *group = cgroup_path_of(pid);
  const char *below = group == NULL ? NULL : below_mount(group);
  if (below == NULL) return -1;
  buffer_printf(&path, "/sys/fs/cgroup%s/%s", below, file);
  return open(path.data, O_RDONLY | O_CLOEXEC);
}

static bool says(pid_t pid, const char *file, const char *text) {
  char content[256];
  AUTO_CLOSE int fd = cgroup_open(pid, file);
  ssize_t size = fd < 0 ? -1 : RETRY(read(fd, content, sizeof content - 1));
  if (size <= 0) return false;
  content[size] = '\0';
  return strstr(content, text) != NULL;
}

// The first is true before all processes are frozen, the second also by a group above.
bool cgroup_is_frozen(pid_t pid) { return says(pid, "cgroup.freeze", "1") || says(pid, "cgroup.events", "frozen 1"); }
