// Walking down from a process by /proc, see process_tree.h. proc(5), /proc/PID/task/TID/children.
#include "process_tree.h"

#include "io.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>

#define DEPTH_LIMIT 256 // of a chain that somebody made to exhaust our stack; what is below goes to the container's init

static void kill_tree(pid_t pid, int depth);

static void kill_children(int tasks, const char *task, int depth) {
  AUTO_BUFFER struct buffer children = {0};
  char file[300];
  snprintf(file, sizeof file, "%s/children", task);
  if (io_read_file(tasks, file, &children, 1 << 20) < 0) return;
  for (char *rest = children.data, *end; (end = strchr(rest, ' ')) != NULL; rest = end + 1) {
    pid_t child = (pid_t)strtol(rest, NULL, 10);
    if (child > 0) kill_tree(child, depth + 1);
  }
}

// A process that is stopped starts no other while we look, and reaps none, so the numbers stay theirs.
static void kill_tree(pid_t pid, int depth) {
  char path[40];
  if (depth > DEPTH_LIMIT || kill(pid, SIGSTOP) < 0) return;
  snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
  DIR *tasks = opendir(path);
  if (tasks != NULL) {
    for (struct dirent *entry; (entry = readdir(tasks)) != NULL;)
      if (entry->d_name[0] != '.') kill_children(dirfd(tasks), entry->d_name, depth);
    closedir(tasks);
  }
  kill(pid, SIGKILL);
}

void process_tree_kill(pid_t pid) { kill_tree(pid, 0); }
