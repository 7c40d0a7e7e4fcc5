// `commit`: a container's changes become the topmost layer of a new image, its settings the image's config.
export {}
