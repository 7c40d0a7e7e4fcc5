// Writing a pid file, see pidfile.h.
#include "pidfile.h"

int pidfile_write(const char *path, pid_t pid) {
  AUTO_BUFFER struct buffer text = {0};
  const char *name;
  AUTO_CLOSE int dirfd = io_open_parent(path, &name);
  if (dirfd < 0) return -1;
  buffer_printf(&text, "%d", (int)pid); // no newline, as the runtimes write theirs
  return io_replace_file(dirfd, name, &text, false);
}
