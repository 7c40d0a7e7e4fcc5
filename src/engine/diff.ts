// `diff` of a container: what it changed since its image, as its storage has it now.
export {}
