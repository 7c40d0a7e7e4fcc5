// Tries what this host can do and says it as JSON (PROTOCOL.md, probe).
#ifndef LICHEN_PROBE_H
#define LICHEN_PROBE_H

int probe_main(int argc, char **argv);

#endif
