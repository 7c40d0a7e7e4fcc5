// `changes`: what a container added, changed and deleted, as `A`, `C` or `D` and a path (PROTOCOL.md).
#include "layer_changes.h"

static void flush(struct buffer *out) {
  if (io_write_all(STDOUT_FILENO, out->data, out->length) < 0) die(CODE_HOST, "changes: stdout: %s", strerror(errno));
  buffer_clear(out);
}

static void print(void *context, enum change change, const char *path, const char *name, const struct stat *status,
                  bool opaque) {
  enum { FLUSH_AT = 64 * 1024 };
  static const char letters[] = {[CHANGE_ADDED] = 'A', [CHANGE_CHANGED] = 'C', [CHANGE_DELETED] = 'D'};
  struct buffer *out = context;
  (void)name, (void)status, (void)opaque;
  if (change == CHANGE_NONE || path[0] == '\0') return;
  buffer_append(out, &letters[change], 1);
  buffer_append(out, path, strlen(path) + 1);
  if (out->length >= FLUSH_AT) flush(out);
}

int changes_main(int argc, char **argv) {
  AUTO_BUFFER struct buffer out = {0};
  struct layer_changes changes = {.verb = "changes", .each = print, .context = &out};
  if (argc < 4 || strcmp(argv[1], "--layer") != 0)
    die(CODE_USAGE, "changes: arguments: want --layer FORM TREE LAYER...");
  if (layer_form_parse(argv[2], &changes.form) < 0) die(CODE_USAGE, "changes: --layer %s: no such form", argv[2]);
  layer_changes_walk(&changes, argv[3], argv + 4, (size_t)(argc - 4));
  flush(&out);
  return CODE_OK;
}
