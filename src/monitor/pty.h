// Running a command on a pseudo terminal of its own, in front of a user with a terminal or without (PROTOCOL.md, ns --pty).
#ifndef LICHEN_PTY_H
#define LICHEN_PTY_H

#include "io.h"

#define PTY_KEYS_LIMIT 64

struct pty_options {
  bool input;          // our stdin is the command's, too; a terminal of ours is raw meanwhile
  const uint8_t *keys; // typed one after the other they leave the command running without us
  size_t key_count;    // 0: nothing does
  const char *console; // socket to which the command sends a terminal's master side; NULL: it gets one from us
  const int *groups;   // as in struct command
  size_t group_count;
};

// Comes back with the command's exit code, or with 0 when it was left running. Our terminal is then as it was.
int pty_run(const struct pty_options *options, char *const *command);

// For a command that sends its terminal and then ends: what is left of us keeps it, and throws away what is written there.
// Comes back with the command's exit code.
int pty_keep(const struct pty_options *options, char *const *command);

#endif
