// Listening on a unix socket whose path may be longer than sun_path (108 bytes). unix(7).
#ifndef LICHEN_UNIX_SOCKET_H
#define LICHEN_UNIX_SOCKET_H

#include "io.h"

struct unix_socket {
  int fd;
  int dirfd;        // the directory it lies in
  const char *name; // in that directory; points into the path given to unix_socket_listen
};

#define UNIX_SOCKET_NONE ((struct unix_socket){.fd = -1, .dirfd = -1})

// Replaces what lies at path; only the owner may connect. path must outlive the socket. -1 with errno.
int unix_socket_listen(struct unix_socket *socket, const char *path);

// A connection (close-on-exec), or -1 with errno EAGAIN when nobody waits.
int unix_socket_accept(const struct unix_socket *socket);

// A datagram socket at path, which everybody may write to: those inside have other ids. -1 with errno.
int unix_socket_hear(const char *path);

// One datagram to the socket at address (a path, or @NAME for an abstract one), without waiting. -1 with errno.
int unix_socket_say(const char *address, const void *data, size_t size);

// Takes the name away; who is connected or waits to be accepted stays. Idempotent.
void unix_socket_unlink(struct unix_socket *socket);
void unix_socket_close(struct unix_socket *socket);

#endif
