// Receiving a terminal's master side, see console.h. unix(7), SCM_RIGHTS.
#include "console.h"

#include <fcntl.h>
#include <sys/socket.h>

int console_fd(const struct console *console) {
  return console->connection >= 0 ? console->connection : console->socket.fd;
}

static int receive_fd(int connection) {
  union {
    struct cmsghdr header;
    char space[CMSG_SPACE(sizeof(int))];
  } control;
  char name[256]; // runtimes send the terminal's path along
  struct iovec data = {name, sizeof name};
  // Not all of the space, whose padding is room for a second descriptor: there is one terminal, and the kernel drops the rest.
  struct msghdr message = {
      .msg_iov = &data, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = CMSG_LEN(sizeof(int))};
  if (RETRY(recvmsg(connection, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT)) < 0) return -1;
  errno = 0;
  struct cmsghdr *rights = CMSG_FIRSTHDR(&message);
  if (rights == NULL || rights->cmsg_level != SOL_SOCKET || rights->cmsg_type != SCM_RIGHTS) return -1;
  if (rights->cmsg_len != CMSG_LEN(sizeof(int))) return -1;
  int fd;
  memcpy(&fd, CMSG_DATA(rights), sizeof fd);
  return fd;
}

void console_take(struct console *console, int *pty) {
  if (console->connection < 0) {
    console->connection = unix_socket_accept(&console->socket);
    if (console->connection < 0) return;
  }
  AUTO_CLOSE int fd = receive_fd(console->connection);
  if (fd < 0 && errno == EAGAIN) return;
  console_close(console); // one terminal, one message
  if (fd < 0 || !isatty(fd)) return;
  fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK); // nobody else holds this open file
  *pty = io_take(&fd);
}

void console_close(struct console *console) {
  io_close(&console->connection);
  unix_socket_close(&console->socket);
}
