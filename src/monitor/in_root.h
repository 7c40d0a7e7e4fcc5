// Paths of a container opened inside its root by the kernel itself (openat2(2), RESOLVE_IN_ROOT): a running container
// may change its links at any moment, so its paths are never walked by string.
#ifndef LICHEN_IN_ROOT_H
#define LICHEN_IN_ROOT_H

#include "io.h"

// -1 with errno. Never blocks on a fifo, never becomes the controlling terminal's owner.
int in_root_open(int root_fd, const char *path, int flags);

// Appends u32le length + bytes, or 0xffffffff when there is no such regular file. -1: why is one line.
int in_root_append_file(int root_fd, const char *path, struct buffer *payload, struct buffer *why);

// `read ROOT PATH...`
int read_main(int argc, char **argv);

// `bind ROOT PATH TARGET`
int bind_main(int argc, char **argv);

#endif
