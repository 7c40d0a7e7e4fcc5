// `images --filter`: podman's keys, as far as they can be true here. Pure.

import { UsageError } from '../model/errors.js'
import type { LocalImage } from '../model/image.js'
import { createdMs } from './image-store.js'

export interface ImageFilter {
  readonly key: string
  readonly value: string
}

/** Finds the image `before=` and `since=` compare with. */
export type FindImage = (name: string) => LocalImage

type Test = (image: LocalImage) => boolean

/** Keys are and-ed, values of one key or-ed (labels are and-ed, too), as podman has it. Throws UsageError for an unknown key or bad value. */
export function compileFilters(filters: readonly ImageFilter[], find: FindImage): Test {
  const byKey = new Map<string, Test[]>()
  for (const { key, value } of filters) byKey.set(key, [...(byKey.get(key) ?? []), compileFilter(key, value, find)])
  return (image) =>
    [...byKey].every(([key, tests]) =>
      key === 'label' ? tests.every((test) => test(image)) : tests.some((test) => test(image)),
    )
}

function compileFilter(key: string, value: string, find: FindImage): Test {
  switch (key) {
    case 'reference':
      return ({ names }) => names.some((name) => matchesReference(name, value))
    case 'dangling': {
      const wanted = parseBoolean(key, value)
      return ({ names }) => (names.length === 0) === wanted
    }
    case 'label':
      return (image) => hasLabel(image, value)
    case 'id':
      return ({ id }) => id.startsWith(value.replace(/^sha256:/, ''))
    case 'before': {
      const pivot = createdMs(find(value))
      return (image) => createdMs(image) < pivot
    }
    case 'since': {
      const pivot = createdMs(find(value))
      return (image) => createdMs(image) > pivot
    }
    case 'readonly': // every image here can be removed
      return () => !parseBoolean(key, value)
    default:
      throw new UsageError(`filter images: unknown key "${key}"`, {
        hint: 'there are reference, dangling, label, id, before, since, readonly',
      })
  }
}

function parseBoolean(key: string, value: string): boolean {
  if (/^(true|t|1)$/i.test(value)) return true
  if (/^(false|f|0)$/i.test(value)) return false
  throw new UsageError(`filter images: ${key}=${value}: neither true nor false`)
}

function hasLabel({ config }: LocalImage, text: string): boolean {
  const equals = text.indexOf('=')
  const [key, value] = equals < 0 ? [text, undefined] : [text.slice(0, equals), text.slice(equals + 1)]
  const labels = config.config?.Labels ?? {}
  return Object.hasOwn(labels, key) && (value === undefined || labels[key] === value)
}

/** A glob (`*` stops at `/`) on the full name or its end after a `/`, with or without the tag. */
function matchesReference(name: string, pattern: string): boolean {
  const glob = globToRegExp(pattern)
  const parts = name.split('/')
  return parts.some((_, from) => {
    const tail = parts.slice(from).join('/')
    return glob.test(tail) || glob.test(tail.replace(/[:@][^/]*$/, ''))
  })
}

/** Go's path.Match: `*`, `?`, `[a-z]`, `[^a]`, `\x`. */
function globToRegExp(pattern: string): RegExp {
  const source = pattern.replace(/\\(.)|(\[\^?[^\]]+\])|([*?])|([\s\S])/g, (_, escaped, set, wild, plain) => {
    if (set !== undefined) return String(set)
    if (wild !== undefined) return wild === '*' ? '[^/]*' : '[^/]'
    return String(escaped ?? plain).replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  })
  try {
    return new RegExp(`^${source}$`)
  } catch (cause) {
    throw new UsageError(`filter images: reference=${pattern}: bad pattern`, { cause })
  }
}
