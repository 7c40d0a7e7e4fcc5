// Runs a command in the user's namespaces (PROTOCOL.md, ns).
#ifndef LICHEN_NS_H
#define LICHEN_NS_H

int ns_main(int argc, char **argv);

#endif
