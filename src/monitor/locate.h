// Where a path of a container leads, for `cp`.
#ifndef LICHEN_LOCATE_H
#define LICHEN_LOCATE_H

// `locate ROOT PATH`
int locate_main(int argc, char **argv);

#endif
