// Unix sockets by any path, see unix_socket.h.
#include "unix_socket.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

static int open_parent(const char *path, const char **name) {
  const char *slash = strrchr(path, '/');
  if (slash == NULL || slash[1] == '\0') {
    errno = EINVAL;
    return -1;
  }
  AUTO_BUFFER struct buffer parent = {0};
  buffer_append(&parent, path, (size_t)(slash - path) + (slash == path));
  *name = slash + 1;
  return open(parent.data, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

int unix_socket_listen(struct unix_socket *made, const char *path) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  *made = UNIX_SOCKET_NONE;
  AUTO_CLOSE int dirfd = open_parent(path, &made->name);
  if (dirfd < 0) return -1;
  // The directory's descriptor stands for its path, however long that is.
  int length = snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d/%s", dirfd, made->name);
  if (length >= (int)sizeof address.sun_path) {
    errno = ENAMETOOLONG;
    return -1;
  }
  AUTO_CLOSE int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0 || (unlinkat(dirfd, made->name, 0) < 0 && errno != ENOENT)) return -1;
  mode_t before = umask(0177);
  int bound = bind(fd, (struct sockaddr *)&address, sizeof address);
  umask(before);
  if (bound < 0 || listen(fd, 128) < 0) return -1;
  made->fd = io_take(&fd);
  made->dirfd = io_take(&dirfd);
  return 0;
}

int unix_socket_accept(const struct unix_socket *socket) {
  return RETRY(accept4(socket->fd, NULL, NULL, SOCK_CLOEXEC));
}

void unix_socket_unlink(struct unix_socket *socket) {
  if (socket->dirfd >= 0) unlinkat(socket->dirfd, socket->name, 0);
  io_close(&socket->dirfd);
}

void unix_socket_close(struct unix_socket *socket) {
  unix_socket_unlink(socket);
  io_close(&socket->fd);
}
