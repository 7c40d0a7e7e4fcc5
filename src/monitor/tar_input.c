// Buffered archive bytes, see tar_input.h.
#include "tar_input.h"

#include <fcntl.h>

// Large enough that small files cost no read of their own, small enough to stay in the second-level cache.
enum { INPUT_SIZE = 128 * 1024 };

void tar_input_open(struct tar_input *input, int fd) {
  *input = (struct tar_input){.fd = fd, .data = xrealloc_array(NULL, INPUT_SIZE, 1)};
  (void)fcntl(fd, F_SETPIPE_SZ, INPUT_SIZE); // fails for anything but a pipe; for that, fewer wake-ups
}

void tar_input_close(struct tar_input *input) {
  free(input->data);
  input->data = NULL;
}

_Noreturn void tar_input_bad(const struct tar_input *input, const char *cause) {
  die(CODE_INPUT, "untar: archive: %s at byte %llu", cause, (unsigned long long)input->offset);
}

static bool input_read_more(struct tar_input *input) {
  if (input->start > 0) {
    memmove(input->data, input->data + input->start, input->end - input->start);
    input->end -= input->start;
    input->start = 0;
  }
  ssize_t got = RETRY(read(input->fd, input->data + input->end, INPUT_SIZE - input->end));
  if (got < 0) die(CODE_HOST, "untar: archive: %s", strerror(errno));
  input->end += (size_t)got;
  return got > 0;
}

const unsigned char *tar_input_peek_block(struct tar_input *input) {
  while (input->end - input->start < TAR_BLOCK) {
    if (input_read_more(input)) continue;
    if (input->end == input->start) return NULL;
    tar_input_bad(input, "truncated");
  }
  return input->data + input->start;
}

size_t tar_input_peek(struct tar_input *input, uint64_t limit, const unsigned char **bytes) {
  if (input->start == input->end && !input_read_more(input)) tar_input_bad(input, "truncated");
  size_t ready = input->end - input->start;
  *bytes = input->data + input->start;
  return ready < limit ? ready : (size_t)limit;
}

void tar_input_take(struct tar_input *input, size_t size) {
  input->start += size;
  input->offset += size;
}

void tar_input_skip(struct tar_input *input, uint64_t size) {
  while (size > 0) {
    const unsigned char *bytes;
    size_t ready = tar_input_peek(input, size, &bytes);
    tar_input_take(input, ready);
    size -= ready;
  }
}

void tar_input_drain(struct tar_input *input) {
  do tar_input_take(input, input->end - input->start);
  while (input_read_more(input));
}
