// Numbers of tar headers, all checked against overflow: octal or GNU base-256 fields, pax decimals and times.
#ifndef LICHEN_TAR_NUMBER_H
#define LICHEN_TAR_NUMBER_H

#include <stddef.h>
#include <stdint.h>
#include <time.h>

// A header field: octal with spaces or NULs around it (empty is 0), or base-256 in two's complement. -1: not a number.
int tar_number(const unsigned char *field, size_t size, int64_t *value);

// The digits text begins with, at most INT64_MAX; returns how many, 0 when there are none or too many.
size_t tar_decimal(const char *text, uint64_t *value);

// "-12.345678901": seconds with an optional fraction, cut after nanoseconds. -1: not a time.
int tar_time(const char *text, struct timespec *time);

#endif
