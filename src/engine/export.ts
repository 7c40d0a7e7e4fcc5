// `export`: a container's files, all of them, as one tar archive.
export {}
