// What a container changed in the layers it was made from. Its tree holds changes only (an overlay's upper directory) or
// everything (the copy driver's tree). Walks like tree_walk; must never write.
#ifndef LICHEN_LAYER_CHANGES_H
#define LICHEN_LAYER_CHANGES_H

#include "layer_stack.h"
#include "tree_walk.h"

enum layer_form { LAYER_OVERLAY, LAYER_FUSE, LAYER_COPY };

// "overlay", "fuse-overlayfs" or "copy". -1: none of them.
int layer_form_parse(const char *text, enum layer_form *form);

enum change { CHANGE_NONE, CHANGE_ADDED, CHANGE_CHANGED, CHANGE_DELETED };

struct layer_changes {
  const char *verb; // for errors
  enum layer_form form;
  struct layer_stack below;
  struct tree_cursor cursor;
  // Each change, and each directory that is none (CHANGE_NONE), with the cursor in its directory. path is below the
  // root. opaque: the directory hides everything the layers have in it; what of that is not in it any more is told as
  // deleted, too. status: NULL for what is deleted.
  void (*each)(void *context, enum change change, const char *path, const char *name, const struct stat *status,
               bool opaque);
  void *context;

  size_t complete_from; // the walk's depth from which on everything there is is in the tree; 0: nowhere
  struct buffer path;   // of the current name
  int deleted_in;       // the directory that is compared with what was below it
};

// The root itself is told first, with the path "".
void layer_changes_walk(struct layer_changes *changes, const char *tree, char *const *layers, size_t layer_count);

// `changes --layer FORM TREE LAYER...`
int changes_main(int argc, char **argv);

#endif
