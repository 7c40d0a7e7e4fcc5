// `tar`: a tree as a tar archive on stdout, or a container's changes as a layer (PROTOCOL.md). The same tree always
// gives the same bytes. The tree may belong to a running container: nothing it puts there leads out of it or stops us.
#include "in_root.h"
#include "tar_pack.h"
#include "tree.h"
#include "tree_walk.h"

#include <fcntl.h>
#include <getopt.h>

struct tar_options {
  const char *layer, *root;
  int link_flag; // O_NOFOLLOW: a link that is last is what is wanted
  char *path;
  char **layers;
  size_t layer_count;
};

struct tree_pack {
  struct tar_pack *pack;
  struct tree_cursor *cursor;
  struct buffer path;
};

static void parse_options(struct tar_options *options, struct tar_pack *pack, int argc, char **argv) {
  static const struct option known[] = {
      {"map", required_argument, NULL, 'm'},   {"owner", required_argument, NULL, 'o'},
      {"name", required_argument, NULL, 'n'},  {"in", required_argument, NULL, 'i'},
      {"layer", required_argument, NULL, 'l'}, {"mounts", no_argument, NULL, 'c'},
      {"link", no_argument, NULL, 'k'},        {NULL, 0, NULL, 0},
  };
  opterr = 0;
  for (int option; (option = getopt_long(argc, argv, "+", known, NULL)) != -1;) {
    if (option == 'm') owner_map_add(&pack->map, "tar", optarg);
    else if (option == 'o') pack->owner = owner_parse("tar", optarg);
    else if (option == 'n') pack->name = optarg;
    else if (option == 'i') options->root = optarg;
    else if (option == 'l') options->layer = optarg;
    else if (option == 'c') pack->crosses_mounts = true;
    else if (option == 'k') options->link_flag = O_NOFOLLOW;
    else die(CODE_USAGE, "tar: %s: unknown option or missing value", argv[optind - 1]);
  }
  pack->is_layer = options->layer != NULL;
  bool contradicts = pack->is_layer && (pack->name != NULL || options->root != NULL || pack->crosses_mounts);
  if (contradicts) die(CODE_USAGE, "tar: --layer: goes with --map and --owner only");
  if (optind >= argc || (!pack->is_layer && optind != argc - 1)) die(CODE_USAGE, "tar: arguments: want one PATH");
  options->path = argv[optind];
  options->layers = argv + optind + 1;
  options->layer_count = (size_t)(argc - optind - 1);
}

static void name_entry(struct tree_pack *tree, const char *name) {
  struct tar_pack *pack = tree->pack;
  buffer_clear(&pack->entry_name);
  if (pack->name != NULL) buffer_printf(&pack->entry_name, "%s/", pack->name);
  tree_cursor_path(tree->cursor, name, &tree->path);
  buffer_append(&pack->entry_name, tree->path.data, tree->path.length);
}

static bool visit(void *context, const char *name, const struct stat *status) {
  struct tree_pack *tree = context;
  name_entry(tree, name);
  tar_pack_file(tree->pack, tree->cursor->fd, name, status);
  return S_ISDIR(status->st_mode);
}

static void pack_directory(struct tar_pack *pack, int top, const char *path) {
  struct tree_cursor cursor;
  struct tree_pack tree = {.pack = pack, .cursor = &cursor};
  if (tree_cursor_open(&cursor, top, ".", true) < 0) tar_pack_fail(path, "open");
  cursor.enters_mounts = pack->crosses_mounts;
  tree_walk("tar", &cursor, &(struct tree_walker){visit, &tree});
  tree_cursor_close(&cursor);
  buffer_free(&tree.path);
}

static void pack_tree(struct tar_pack *pack, const struct tar_options *options) {
  struct stat status;
  AUTO_CLOSE int root = options->root == NULL ? -1 : open(options->root, O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (options->root != NULL && root < 0) tar_pack_fail(options->root, "open");
  AUTO_CLOSE int top = options->root == NULL ? open(options->path, O_PATH | O_CLOEXEC)
                                             : in_root_open(root, options->path, O_PATH | options->link_flag);
  if (top < 0 || fstat(top, &status) < 0) tar_pack_fail(options->path, "open");
  if (pack->name != NULL) {
    buffer_append(&pack->entry_name, pack->name, strlen(pack->name));
    tar_pack_file(pack, top, "", &status);
  } else if (!S_ISDIR(status.st_mode)) {
    errno = ENOTDIR;
    tar_pack_fail(options->path, "read");
  }
  if (S_ISDIR(status.st_mode)) pack_directory(pack, top, options->path);
}

int tar_main(int argc, char **argv) {
  struct tar_options options = {0};
  struct tar_pack pack = {.writer = {.fd = STDOUT_FILENO}};
  parse_options(&options, &pack, argc, argv);
  buffer_append(&pack.writer.records, "", 0);
  if (pack.is_layer) tar_pack_layer(&pack, options.layer, options.path, options.layers, options.layer_count);
  else pack_tree(&pack, &options);
  tar_write_end(&pack.writer);
  tree_links_free(&pack.links);
  owner_map_free(&pack.map);
  buffer_free(&pack.entry_name);
  free(pack.held);
  return CODE_OK;
}
