// A container's changes as a layer: OCI image-spec layer.md, "Whiteouts" and "Opaque Whiteout".
#include "tar_pack.h"

#include "layer_changes.h"
#include "safe_path.h"
#include "whiteout.h"

#include <time.h>

struct layer_pack {
  struct tar_pack *pack;
  struct layer_changes *changes;
  char *hides_in; // everything in this directory is hidden already; NULL: in none
};

static void name_entry(struct tar_pack *pack, const char *path) {
  buffer_clear(&pack->entry_name);
  buffer_append(&pack->entry_name, path, strlen(path));
}

// A whiteout has no owner, mode or time anybody would read: the same for all, so that equal changes are equal bytes.
static void write_mark(struct tar_pack *pack, const char *directory, size_t length, const char *mark) {
  buffer_clear(&pack->entry_name);
  buffer_append(&pack->entry_name, directory, length);
  buffer_append(&pack->entry_name, mark, strlen(mark));
  tar_write_entry(&pack->writer,
                  &(struct tar_header){.type = '0', .name = pack->entry_name.data, .link = "", .mode = 0600});
}

static void write_whiteout(struct tar_pack *pack, const char *path) {
  AUTO_BUFFER struct buffer mark = {0};
  const char *slash = strrchr(path, '/'), *base = slash == NULL ? path : slash + 1;
  buffer_printf(&mark, WHITEOUT_PREFIX "%s", base);
  write_mark(pack, path, (size_t)(base - path), mark.data);
}

static bool is_hidden(const struct layer_pack *layer, const char *path) {
  size_t length = layer->hides_in == NULL ? 0 : strlen(layer->hides_in);
  return length > 0 && strncmp(path, layer->hides_in, length) == 0 && path[length] == '/';
}

// 0 for the root: where a directory is held.
static size_t depth_of(const char *path) {
  size_t depth = path[0] == '\0' ? 0 : 1;
  for (; *path != '\0'; path++) depth += *path == '/';
  return depth;
}

// In a layer such a name would delete something.
static bool is_forbidden(const char *path, const char *name) {
  char shown[SAFE_SHOWN_SIZE];
  if (strncmp(name, WHITEOUT_PREFIX, strlen(WHITEOUT_PREFIX)) != 0) return false;
  warn("tar: %s: a layer cannot hold a name that begins with " WHITEOUT_PREFIX ": left out", safe_shown(path, shown));
  return true;
}

static void write_change(void *context, enum change change, const char *path, const char *name,
                         const struct stat *status, bool opaque) {
  struct layer_pack *layer = context;
  struct tar_pack *pack = layer->pack;
  size_t depth = depth_of(path);
  int directory = layer->changes->cursor.fd;
  if (change == CHANGE_DELETED) {
    if (is_hidden(layer, path)) return;
    tar_pack_release(pack, depth);
    write_whiteout(pack, path);
    return;
  }
  tar_pack_forget_held(pack, depth);
  if (path[0] != '\0' && is_forbidden(path, name)) return;
  name_entry(pack, path[0] == '\0' ? "." : path);
  if (change == CHANGE_NONE && !opaque) {
    tar_pack_hold(pack, depth, directory, name, status);
    return;
  }
  tar_pack_release(pack, depth);
  tar_pack_file(pack, directory, name, status);
  if (!opaque) return;
  write_mark(pack, path, strlen(path), path[0] == '\0' ? WHITEOUT_OPAQUE : "/" WHITEOUT_OPAQUE);
  if (is_hidden(layer, path)) return;
  free(layer->hides_in);
  layer->hides_in = xstrdup(path);
}

void tar_pack_layer(struct tar_pack *pack, const char *form, const char *tree, char *const *layers, size_t count) {
  struct layer_changes changes = {.verb = "tar", .each = write_change};
  struct layer_pack layer = {.pack = pack, .changes = &changes};
  changes.context = &layer;
  if (layer_form_parse(form, &changes.form) < 0) die(CODE_USAGE, "tar: --layer %s: no such form", form);
  layer_changes_walk(&changes, tree, layers, count);
  tar_pack_forget_held(pack, 0);
  free(layer.hides_in);
}
