// The terminal of a container: the runtime makes it and sends its master side over a socket. OCI runtime command line
// interface, --console-socket.
#ifndef LICHEN_CONSOLE_H
#define LICHEN_CONSOLE_H

#include "unix_socket.h"

// Accepts the runtime's connection and takes the master side into *pty; -1 stays there when none was sent.
void console_take(const struct unix_socket *console, int *pty);

#endif
