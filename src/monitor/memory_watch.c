// Did the kernel kill the container for lack of memory? See cgroup.h; cgroup-v2.rst, memory.events;
// cgroup-v1/memory.rst, 10. OOM Control.
#include "cgroup.h"

#include "cgroup_path.h"

// False: the group is gone.
static bool read_count(const struct memory_watch *watch, uint64_t *count) {
  char text[512];
  ssize_t size = watch->fd < 0 ? -1 : RETRY(pread(watch->fd, text, sizeof text - 1, 0));
  if (size < 0) return false;
  text[size] = '\0';
  for (char *rest = text, *line; (line = strsep(&rest, "\n")) != NULL;)
    if (strncmp(line, "oom_kill ", 9) == 0) return io_parse_u64(line + 9, UINT64_MAX, count) == 0;
  return false;
}

void memory_watch_begin(struct memory_watch *watch, pid_t pid, int oom_control) {
  *watch = (struct memory_watch){.fd = oom_control};
  if (oom_control < 0) watch->fd = cgroup_open(pid, "memory.events");
  watch->can_tell = watch->fd >= 0;
  if (!read_count(watch, &watch->before)) watch->before = 0;
}

void memory_watch_update(struct memory_watch *watch) {
  uint64_t count = 0;
  // Of a group that is gone it would be ready to poll for ever; what was seen before still counts.
  if (!read_count(watch, &count)) return memory_watch_close(watch);
  if (count > watch->before) watch->killed = true;
}

void memory_watch_close(struct memory_watch *watch) { io_close(&watch->fd); }

int memory_watch_verdict(const struct memory_watch *watch) { return watch->can_tell ? watch->killed : -1; }
