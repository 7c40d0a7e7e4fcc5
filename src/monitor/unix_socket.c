// Unix sockets by any path, see unix_socket.h.
#include "unix_socket.h"

#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

// The directory's descriptor stands for its path, however long that is.
static int fill_address(struct sockaddr_un *address, int dirfd, const char *name) {
  *address = (struct sockaddr_un){.sun_family = AF_UNIX};
  int length = snprintf(address->sun_path, sizeof address->sun_path, "/proc/self/fd/%d/%s", dirfd, name);
  if (length < (int)sizeof address->sun_path) return 0;
  errno = ENAMETOOLONG;
  return -1;
}

// A socket of the type, with the mode, in place of what lies there.
static int bind_new(int dirfd, const char *name, int type, mode_t mode) {
  struct sockaddr_un address;
  if (fill_address(&address, dirfd, name) < 0) return -1;
  AUTO_CLOSE int fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0 || (unlinkat(dirfd, name, 0) < 0 && errno != ENOENT)) return -1;
  mode_t before = umask(0777 & ~mode);
  int bound = bind(fd, (struct sockaddr *)&address, sizeof address);
  umask(before);
  return bound < 0 ? -1 : io_take(&fd);
}

int unix_socket_listen(struct unix_socket *made, const char *path) {
  *made = UNIX_SOCKET_NONE;
  AUTO_CLOSE int dirfd = io_open_parent(path, &made->name);
  if (dirfd < 0) return -1;
  AUTO_CLOSE int fd = bind_new(dirfd, made->name, SOCK_STREAM, 0600);
  if (fd < 0 || listen(fd, 128) < 0) return -1;
  made->fd = io_take(&fd);
  made->dirfd = io_take(&dirfd);
  return 0;
}

int unix_socket_hear(const char *path) {
  const char *name;
  AUTO_CLOSE int dirfd = io_open_parent(path, &name);
  return dirfd < 0 ? -1 : bind_new(dirfd, name, SOCK_DGRAM, 0777);
}

int unix_socket_say(const char *address, const void *data, size_t size) {
  struct sockaddr_un to = {.sun_family = AF_UNIX};
  socklen_t length = sizeof to;
  const char *name;
  AUTO_CLOSE int dirfd = -1;
  if (address[0] == '@') {
    size_t known = strlen(address);
    if (known > sizeof to.sun_path) return errno = ENAMETOOLONG, -1;
    memcpy(to.sun_path + 1, address + 1, known - 1);
    length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + known);
  } else {
    dirfd = io_open_parent(address, &name);
    if (dirfd < 0 || fill_address(&to, dirfd, name) < 0) return -1;
  }
  AUTO_CLOSE int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  return sendto(fd, data, size, MSG_DONTWAIT | MSG_NOSIGNAL, (struct sockaddr *)&to, length) < 0 ? -1 : 0;
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
