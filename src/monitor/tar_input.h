// The archive's bytes, read in large pieces and handed out where they lie. Must never allocate by what a header says.
#ifndef LICHEN_TAR_INPUT_H
#define LICHEN_TAR_INPUT_H

#include "io.h"

enum { TAR_BLOCK = 512 };

struct tar_input {
  int fd;
  unsigned char *data;
  size_t start, end; // what was read and not yet taken
  uint64_t offset;   // of data[start] in the archive, for messages
};

void tar_input_open(struct tar_input *input, int fd);
void tar_input_close(struct tar_input *input);

// Ends the program with CODE_INPUT: `untar: archive: CAUSE at byte N`.
_Noreturn void tar_input_bad(const struct tar_input *input, const char *cause);

// The next block without taking it; NULL when the archive ends exactly here. A part of a block is a bad archive.
const unsigned char *tar_input_peek_block(struct tar_input *input);

// At least one and at most limit bytes that lie ready; the end of the archive is a bad archive. limit > 0.
size_t tar_input_peek(struct tar_input *input, uint64_t limit, const unsigned char **bytes);
void tar_input_take(struct tar_input *input, size_t size);

void tar_input_skip(struct tar_input *input, uint64_t size);

// Reads to the end, so that the writer of a pipe never gets EPIPE for what follows the end of the archive.
void tar_input_drain(struct tar_input *input);

#endif
