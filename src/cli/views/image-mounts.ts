// What `image mount` shows: one path, or a table of images and paths, or podman's JSON.

import { UsageError } from '../../model/errors.js'
import type { LocalImage } from '../../model/image.js'
import { isJson } from '../format.js'
import { toJson } from '../go-template/values.js'
import { alignTabs } from '../table.js'

export interface MountedImage {
  readonly image: LocalImage
  readonly path: string
}

const INDENT = 1

/** `only`: for a program that asked for one image: just its path. */
export function mountedImagesText(
  mounted: readonly MountedImage[],
  { format, only }: { readonly format: string | undefined; readonly only: boolean },
): string {
  if (isJson(format)) return `${toJson(mounted.map(toJsonRow), INDENT)}\n`
  if (format !== undefined) throw new UsageError(`mount image: --format ${format}: only json is known`)
  if (only) return mounted.map(({ path }) => `${path}\n`).join('')
  return alignTabs(mounted.map(({ image, path }) => `${image.names[0] ?? image.id}\t${path}\n`).join(''))
}

function toJsonRow({ image, path }: MountedImage) {
  return { id: image.id, Names: [image.manifestDigest], Repositories: image.names, mountpoint: path }
}
