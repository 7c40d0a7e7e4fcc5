// The terminal of a container: the runtime makes it and sends its master side over a socket. OCI runtime command line
// interface, --console-socket.
#ifndef LICHEN_CONSOLE_H
#define LICHEN_CONSOLE_H

#include "unix_socket.h"

struct console {
  struct unix_socket socket;
  int connection; // the runtime's, -1 until it has connected
};

#define CONSOLE_NONE ((struct console){.socket = UNIX_SOCKET_NONE, .connection = -1})

// What to poll for reading, -1: nothing.
int console_fd(const struct console *console);

// Goes on as far as it can without waiting: accepts, then takes the master side into *pty. Nothing there, or something
// that is no terminal: *pty stays -1. Never blocks: a runtime may connect, send nothing and leave the connection open.
void console_take(struct console *console, int *pty);

void console_close(struct console *console);

#endif
