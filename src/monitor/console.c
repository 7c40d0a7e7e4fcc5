// Receiving a terminal's master side, see console.h. unix(7), SCM_RIGHTS.
#include "console.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <termios.h>

void console_take(const struct unix_socket *console, int *pty) {
  AUTO_CLOSE int connection = unix_socket_accept(console);
  if (connection < 0) return;
  union {
    struct cmsghdr header;
    char space[CMSG_SPACE(sizeof(int))];
  } control;
  char name[256]; // runtimes send the terminal's path along
  struct iovec data = {name, sizeof name};
  struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
  // Blocks only as long as the runtime lives and has not sent: it sends right after it has connected.
  if (RETRY(recvmsg(connection, &message, MSG_CMSG_CLOEXEC)) < 0) return;
  struct cmsghdr *rights = CMSG_FIRSTHDR(&message);
  if (rights == NULL || rights->cmsg_level != SOL_SOCKET || rights->cmsg_type != SCM_RIGHTS) return;
  if (rights->cmsg_len != CMSG_LEN(sizeof(int))) return;
  AUTO_CLOSE int fd = -1;
  memcpy(&fd, CMSG_DATA(rights), sizeof fd);
  if (*pty >= 0 || !isatty(fd)) return;
  fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK); // nobody else holds this open file
  *pty = io_take(&fd);
}
