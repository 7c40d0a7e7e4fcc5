// Where the images are that prepare-images made. A missing one is a reason to skip (and in CI to fail), never made here:
// several test files run at once.

import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { isRoot } from './facts.js'

/** Root's cache is one that the unprivileged legs can read too. */
export const imageCache =
  process.env.LICHEN_TEST_CACHE ?? (isRoot ? '/var/cache/lichen-test' : join(homedir(), '.cache/lichen-test'))

export type PreparedImage =
  | 'box.tar'
  | 'layered.oci.tar'
  | 'layered.docker.tar'
  | 'saved.oci.tar'
  | 'saved.docker.tar'
  | 'debian.tar'
  | 'debian.tar.gz'
  | 'services.tar'

export function imagePath(image: PreparedImage): string {
  return join(imageCache, image)
}

export function hasImage(image: PreparedImage): boolean {
  return existsSync(imagePath(image))
}
