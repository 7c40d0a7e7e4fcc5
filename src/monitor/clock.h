// The time by which a monitor waits: it never jumps. Knows nothing of calendars (report.h).
#ifndef LICHEN_CLOCK_H
#define LICHEN_CLOCK_H

#include <stdint.h>

// Milliseconds since some moment in the past.
int64_t clock_ms(void);

// wait_ms (negative: for ever), shortened so that it ends when due is reached; due 0: nothing is.
int clock_wait(int wait_ms, int64_t due, int64_t now);

#endif
