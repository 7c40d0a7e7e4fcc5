// What a stack of unpacked layers shows at a path, found out without mounting it: overlay's rules (whiteout.h), no link
// followed. Ends the program with CODE_HOST when a layer cannot be read.
#ifndef LICHEN_LAYER_STACK_H
#define LICHEN_LAYER_STACK_H

#include "io.h"

#include <sys/stat.h>

struct layer_stack {
  int *roots; // topmost first
  size_t count;
};

void layer_stack_open(struct layer_stack *stack, char *const *paths, size_t count);
void layer_stack_close(struct layer_stack *stack);

// Whether anything is shown at path (relative; "" is the root). directory (or NULL): the open directory of the layer
// it is in, to be closed by the caller; its name there is path's last component ("." for the root).
bool layer_stack_find(const struct layer_stack *stack, const char *path, struct stat *status, int *directory);

// Calls each for every name shown in the directory path, once, in the order of the names.
void layer_stack_list(const struct layer_stack *stack, const char *path, void (*each)(void *context, const char *name),
                      void *context);

#endif
