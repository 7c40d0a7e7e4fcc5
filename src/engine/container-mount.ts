// `mount` and `unmount`: a container's files at a path.
export {}
