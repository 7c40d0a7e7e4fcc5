// Numbers of tar headers, see tar_number.h.
#include "tar_number.h"

static int base256(const unsigned char *field, size_t size, int64_t *value) {
  // Bit 0x80 marks the notation, 0x40 is the sign. Negative numbers are read through their complement.
  unsigned char invert = field[0] & 0x40 ? 0xff : 0;
  uint64_t sum = 0;
  for (size_t i = 0; i < size; i++) {
    unsigned char byte = field[i] ^ invert;
    if (i == 0) byte &= 0x7f;
    if (sum >> 55 != 0) return -1;
    sum = sum << 8 | byte;
  }
  *value = invert != 0 ? -(int64_t)sum - 1 : (int64_t)sum;
  return 0;
}

int tar_number(const unsigned char *field, size_t size, int64_t *value) {
  if (field[0] & 0x80) return base256(field, size, value);
  size_t i = 0;
  while (i < size && (field[i] == ' ' || field[i] == '\0')) i++;
  uint64_t sum = 0;
  for (; i < size && field[i] >= '0' && field[i] <= '7'; i++) sum = sum << 3 | (uint64_t)(field[i] - '0');
  for (; i < size; i++)
    if (field[i] != ' ' && field[i] != '\0') return -1;
  *value = (int64_t)sum; // at most 12 octal digits: 36 bits
  return 0;
}

size_t tar_decimal(const char *text, uint64_t *value) {
  uint64_t sum = 0;
  size_t digits = 0;
  for (; text[digits] >= '0' && text[digits] <= '9'; digits++) {
    if (sum > ((uint64_t)INT64_MAX - (uint64_t)(text[digits] - '0')) / 10) return 0;
    sum = sum * 10 + (uint64_t)(text[digits] - '0');
  }
  *value = sum;
  return digits;
}

int tar_time(const char *text, struct timespec *time) {
  int negative = *text == '-';
  uint64_t seconds;
  size_t digits = tar_decimal(text + negative, &seconds);
  if (digits == 0) return -1;
  text += (size_t)negative + digits;
  long nanoseconds = 0;
  if (*text == '.') {
    long unit = 100000000;
    for (text++; *text >= '0' && *text <= '9'; text++, unit /= 10) nanoseconds += unit * (*text - '0');
  }
  if (*text != '\0') return -1;
  *time = (struct timespec){.tv_sec = (time_t)seconds, .tv_nsec = nanoseconds};
  if (!negative) return 0;
  // -1.25 is 0.75 after second -2: a timespec's nanoseconds always count upwards.
  time->tv_sec = nanoseconds > 0 ? -(time_t)seconds - 1 : -(time_t)seconds;
  time->tv_nsec = nanoseconds > 0 ? 1000000000 - nanoseconds : 0;
  return 0;
}
