// A process that was started and has to be waited for. Data only.
#ifndef LICHEN_CHILD_H
#define LICHEN_CHILD_H

#include <stdbool.h>
#include <sys/types.h>

struct child {
  pid_t pid; // 0: none
  int status;
  bool ended;
};

#endif
