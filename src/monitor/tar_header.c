// From fields to blocks, see tar_header.h.
#include "tar_header.h"

#include <stdio.h>

enum { NAME_SIZE = 100, LINK_SIZE = 100, ID_MAX = 07777777 };
#define LONG_MAX_OCTAL 077777777777ULL

// POSIX.1-2008 pax, "ustar Interchange Format".
struct block {
  char name[NAME_SIZE], mode[8], uid[8], gid[8], size[12], mtime[12], checksum[8], type, link[LINK_SIZE], magic[8];
  char owner[32], group[32], major[8], minor[8], prefix[155], rest[12];
};
_Static_assert(sizeof(struct block) == TAR_HEADER_BLOCK, "a header is one block");

static size_t count_digits(size_t number) {
  size_t digits = 1;
  while (number >= 10) number /= 10, digits++;
  return digits;
}

void tar_header_record(struct buffer *records, const char *key, const void *value, size_t size) {
  size_t rest = strlen(key) + size + strlen(" =\n");
  size_t length = rest + count_digits(rest);
  if (rest + count_digits(length) != length) length = rest + count_digits(length); // its own digits made it longer
  buffer_printf(records, "%zu %s=", length, key);
  buffer_append(records, value, size);
  buffer_append(records, "\n", 1);
}

static void record_text(struct buffer *records, const char *key, const char *text) {
  tar_header_record(records, key, text, strlen(text));
}

static void record_number(struct buffer *records, const char *key, uint64_t number) {
  char text[24];
  snprintf(text, sizeof text, "%llu", (unsigned long long)number);
  record_text(records, key, text);
}

// Seconds with a fraction: "1.5"; half a second before the epoch is "-0.5".
static void record_time(struct buffer *records, struct timespec time) {
  char text[40];
  bool is_negative = time.tv_sec < 0;
  unsigned long long seconds = is_negative ? -(unsigned long long)time.tv_sec : (unsigned long long)time.tv_sec;
  long fraction = time.tv_nsec;
  if (is_negative && fraction > 0) seconds--, fraction = 1000000000 - fraction;
  int length = snprintf(text, sizeof text, "%s%llu.%09ld", is_negative ? "-" : "", seconds, fraction);
  while (text[length - 1] == '0') length--;
  if (text[length - 1] == '.') length--;
  tar_header_record(records, "mtime", text, (size_t)length);
}

static bool is_plain_time(struct timespec time) {
  return time.tv_nsec == 0 && time.tv_sec >= 0 && (uint64_t)time.tv_sec <= LONG_MAX_OCTAL;
}

static void add_what_ustar_cannot_say(struct buffer *records, const struct tar_header *header) {
  if (strlen(header->name) > NAME_SIZE) record_text(records, "path", header->name);
  if (strlen(header->link) > LINK_SIZE) record_text(records, "linkpath", header->link);
  if (header->size > LONG_MAX_OCTAL) record_number(records, "size", header->size);
  if (header->uid > ID_MAX) record_number(records, "uid", header->uid);
  if (header->gid > ID_MAX) record_number(records, "gid", header->gid);
  if (!is_plain_time(header->mtime)) record_time(records, header->mtime);
}

static void put_octal(char *field, size_t size, uint64_t number) {
  for (size_t at = size - 1; at-- > 0; number /= 8) field[at] = (char)('0' + number % 8);
}

static void put_text(char *field, size_t size, const char *text) {
  size_t length = strnlen(text, size);
  memcpy(field, text, length);
}

static uint64_t unless_larger(uint64_t number, uint64_t most) { return number > most ? 0 : number; }

static void append_block(struct buffer *out, const struct tar_header *header) {
  struct block block = {.magic = "ustar"};
  memcpy(block.magic + 6, "00", 2);
  put_text(block.name, sizeof block.name, header->name);
  put_text(block.link, sizeof block.link, header->link);
  block.type = header->type;
  put_octal(block.mode, sizeof block.mode, header->mode & 07777);
  put_octal(block.uid, sizeof block.uid, unless_larger(header->uid, ID_MAX));
  put_octal(block.gid, sizeof block.gid, unless_larger(header->gid, ID_MAX));
  put_octal(block.size, sizeof block.size, unless_larger(header->size, LONG_MAX_OCTAL));
  bool has_seconds = header->mtime.tv_sec >= 0 && (uint64_t)header->mtime.tv_sec <= LONG_MAX_OCTAL;
  put_octal(block.mtime, sizeof block.mtime, has_seconds ? (uint64_t)header->mtime.tv_sec : 0);
  put_octal(block.major, sizeof block.major, unless_larger(header->major, ID_MAX));
  put_octal(block.minor, sizeof block.minor, unless_larger(header->minor, ID_MAX));
  memset(block.checksum, ' ', sizeof block.checksum);
  unsigned sum = 0;
  for (size_t at = 0; at < sizeof block; at++) sum += ((const unsigned char *)&block)[at];
  put_octal(block.checksum, 7, sum); // six digits, NUL, space
  block.checksum[6] = '\0';
  buffer_append(out, &block, sizeof block);
}

void tar_header_pad(struct buffer *out, uint64_t size) {
  static const char zeros[TAR_HEADER_BLOCK];
  buffer_append(out, zeros, (size_t)(-size & (TAR_HEADER_BLOCK - 1)));
}

int tar_header_append(struct buffer *out, const struct tar_header *header, const struct buffer *records) {
  AUTO_BUFFER struct buffer extended = {0};
  add_what_ustar_cannot_say(&extended, header);
  buffer_append(&extended, records->data, records->length);
  if (extended.length > TAR_HEADER_MAX_EXTENDED) return -1;
  if (extended.length > 0) {
    append_block(out, &(struct tar_header){.type = 'x', .name = "PaxHeaders", .link = "", .mode = 0644,
                                           .size = extended.length});
    buffer_append(out, extended.data, extended.length);
    tar_header_pad(out, extended.length);
  }
  append_block(out, header);
  return 0;
}
