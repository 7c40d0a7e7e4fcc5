// `images [NAME] --filter`: which images pass. Keys and meaning as podman-images(1).

import { UsageError } from '../../model/errors.js'
import { formatImageRef, parseImageRef } from '../../model/image-ref.js'
import { type Filter, passes } from '../values/filter.js'
import type { ListedImage } from './images.js'
import { splitName } from './images.js'
import { hasLabel } from './ps-filter.js'

export const IMAGE_FILTERS = ['reference', 'label', 'dangling', 'id', 'before', 'since']

export interface ImageSelection {
  readonly filter: readonly Filter[]
  /** `images alpine`, `images alpine:3`. */
  readonly name?: string | undefined
}

export function selectImages(images: readonly ListedImage[], { filter, name }: ImageSelection): readonly ListedImage[] {
  const named = name === undefined ? images : keepNames(images, (it) => isNamed(it, name))
  const byReference = filter.filter(({ key }) => key === 'reference')
  const others = filter.filter(({ key }) => key !== 'reference')
  const referenced =
    byReference.length === 0 ? named : keepNames(named, (it) => passes(byReference, (_, pattern) => globToRegExp(pattern).test(it)))
  return referenced.filter((listed) => passes(others, (key, value) => matches(listed, key, value, images)))
}

/** Images with only the names that pass; an image without any is left out. */
function keepNames(images: readonly ListedImage[], keep: (name: string) => boolean): readonly ListedImage[] {
  return images
    .map((listed) => ({ ...listed, image: { ...listed.image, names: listed.image.names.filter(keep) } }))
    .filter(({ image }) => image.names.length > 0)
}

/** A reference without a tag means every tag; the registry may be left out. */
function isNamed(full: string, typed: string): boolean {
  return ['docker.io', 'localhost'].some((domain) => {
    const ref = parseImageRef(typed, domain)
    const repository = `${ref.domain}/${ref.path}`
    return ref.tag === undefined && ref.digest === undefined ? splitName(full).repository === repository : full === formatImageRef(ref)
  })
}

function matches({ image }: ListedImage, key: string, value: string, all: readonly ListedImage[]): boolean {
  switch (key) {
    case 'id':
      return image.id.startsWith(value.replace(/^sha256:/, ''))
    case 'label':
      return hasLabel(image.config.config?.Labels ?? {}, value)
    case 'dangling':
      if (value !== 'true' && value !== 'false') throw new UsageError(`filter images: dangling=${value}: true or false`)
      return (image.names.length === 0) === (value === 'true')
    default: {
      const reference = all.find((it) => it.image.id.startsWith(value) || it.image.names.some((name) => isNamed(name, value)))
      if (reference === undefined) throw new UsageError(`filter images: ${key}=${value}: no such image`)
      const [own, other] = [image, reference.image].map((it) => Date.parse(it.config.created ?? '1970-01-01')) as [number, number]
      return key === 'before' ? own < other : own > other
    }
  }
}

/** `*` and `?` within a path component; a pattern without a slash matches the last components, without a colon any tag. */
function globToRegExp(pattern: string): RegExp {
  const body = pattern.replaceAll(/[.+^${}()|[\]\\]/g, '\\$&').replaceAll('*', '[^/]*').replaceAll('?', '[^/]')
  return new RegExp(`(^|/)${body}${/:[^/]*$/.test(pattern) ? '' : '(:[^/]*)?'}$`)
}
