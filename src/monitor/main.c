// lichen-monitor: the one C program of lichen. Only finds the subcommand; the contract is PROTOCOL.md.
#include "graft.h"
#include "init.h"
#include "in_root.h"
#include "io.h"
#include "layer_changes.h"
#include "locate.h"
#include "mon.h"
#include "mounted.h"
#include "ns.h"
#include "probe.h"
#include "process.h"
#include "tree.h"

#include <signal.h>

#ifndef LICHEN_VERSION
#define LICHEN_VERSION "unknown"
#endif

static int version_main(int argc, char **argv) {
  static const char line[] = "lichen-monitor " LICHEN_VERSION "\n";
  if (argc != 1) die(CODE_USAGE, "version: %s: takes no argument", argv[1]);
  return io_write_all(STDOUT_FILENO, line, sizeof line - 1) < 0 ? CODE_HOST : CODE_OK;
}

static const struct subcommand {
  const char *name;
  int (*main)(int argc, char **argv);
} subcommands[] = {
    {"mon", mon_main}, {"ns", ns_main}, {"untar", untar_main}, {"tar", tar_main}, {"changes", changes_main},
    {"locate", locate_main}, {"mounted", mounted_main}, {"copy", copy_main}, {"compare", compare_main},
    {"rm", rm_main}, {"read", read_main}, {"probe", probe_main}, {"init", init_main}, {"chown", chown_main},
    {"bind", bind_main}, {"graft", graft_main}, {"version", version_main},
};

int main(int argc, char **argv) {
  process_ensure_stdio();
  signal(SIGCHLD, SIG_DFL); // an inherited "ignored" would make every wait of ours fail
  if (argc < 2) die(CODE_USAGE, "usage: lichen-monitor VERB ..., see PROTOCOL.md");
  for (size_t index = 0; index < sizeof subcommands / sizeof subcommands[0]; index++)
    if (strcmp(argv[1], subcommands[index].name) == 0) return subcommands[index].main(argc - 1, argv + 1);
  die(CODE_USAGE, "find: %s: no such subcommand", argv[1]);
}
