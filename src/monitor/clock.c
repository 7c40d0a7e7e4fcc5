// Waiting by the monotonic clock, see clock.h.
#include "clock.h"

#include <limits.h>
#include <time.h>

int64_t clock_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int clock_wait(int wait_ms, int64_t due, int64_t now) {
  if (due == 0) return wait_ms;
  int64_t left = due <= now ? 0 : due - now;
  if (wait_ms >= 0 && wait_ms < left) return wait_ms;
  return left > INT_MAX ? INT_MAX : (int)left;
}
