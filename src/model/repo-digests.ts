// An image's digests as references, `docker.io/library/alpine@sha256:…`: what `inspect` and `images` show, and what `run` and `pull` take.

import type { LocalImage } from './image.js'

/** Once per repository and digest: that of the index it was pulled by before that of its own manifest. */
export function repoDigests({
  names,
  manifestDigest,
  indexDigests,
}: Pick<LocalImage, 'names' | 'manifestDigest' | 'indexDigests'>): string[] {
  const repositories = new Set(names.map((name) => name.replace(/@.*$/, '').replace(/:[^/]*$/, '')))
  return [...repositories].flatMap((name) => [...indexDigests, manifestDigest].map((digest) => `${name}@${digest}`))
}
