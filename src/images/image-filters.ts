// `--filter` of `images` and `image prune`: podman's keys, as far as they can be true here. Pure.

import { UsageError } from '../model/errors.js'
import type { LocalImage } from '../model/image.js'
import type { Listable } from '../model/listed-image.js'
import { createdMs } from './image-store.js'

export interface ImageFilter {
  readonly key: string
  /** Of `until`: Unix seconds. */
  readonly value: string
  /** `key!=value`. */
  readonly negated?: boolean
}

export interface FilterFacts {
  /** Finds the image `before=` and `since=` compare with. */
  readonly find: (name: string) => LocalImage
  /** Whether a container was made from it. */
  readonly isUsed: (image: Listable) => boolean
  /** Whether it is but a step on the way to other images. */
  readonly isIntermediate: (image: Listable) => boolean
}

type Test = (image: Listable) => boolean
type Compile = (value: string, facts: FilterFacts) => Test

const COMPILERS: Readonly<Record<string, Compile>> = {
  reference: (value) => {
    const glob = globToRegExp(value)
    return ({ names }) => names.some((name) => matchesReference(name, glob))
  },
  dangling: (value, { isIntermediate }) => {
    const wanted = parseBoolean('dangling', value)
    return (image) => (image.names.length === 0 && !isIntermediate(image)) === wanted
  },
  intermediate: (value, { isIntermediate }) => {
    const wanted = parseBoolean('intermediate', value)
    return (image) => isIntermediate(image) === wanted
  },
  label: (value) => (image) => hasLabel(image, value),
  id: (value) => (image) => image.id.startsWith(value.replace(/^sha256:/, '')),
  digest: (value) => (image) => [image.manifestDigest, ...image.indexDigests].some((digest) => digest === value),
  before: (value, { find }) => {
    const pivot = createdMs(find(value))
    return (image) => createdMs(image) < pivot
  },
  since: (value, { find }) => {
    const pivot = createdMs(find(value))
    return (image) => createdMs(image) > pivot
  },
  until: (value) => (image) => createdMs(image) < Number(value) * 1000,
  containers: (value, { isUsed }) => {
    const wanted = parseBoolean('containers', value)
    return (image) => isUsed(image) === wanted
  },
  readonly: (value) => {
    const wanted = parseBoolean('readonly', value)
    return () => !wanted // every image here can be removed
  },
}

/**
 * Keys are and-ed, values of one key or-ed (labels, and values an image must not have, are and-ed), as podman has it. Throws UsageError for
 * an unknown key or bad value.
 */
export function compileFilters(filters: readonly ImageFilter[], facts: FilterFacts): Test {
  const all: Test[] = []
  const any = new Map<string, Test[]>()
  for (const { key, value, negated = false } of filters) {
    const compile = COMPILERS[key]
    if (compile === undefined) {
      throw new UsageError(`filter images: unknown key "${key}"`, {
        hint: `there are ${Object.keys(COMPILERS).join(', ')}`,
      })
    }
    const test = compile(value, facts)
    if (negated) all.push((image) => !test(image))
    else if (key === 'label') all.push(test)
    else any.set(key, [...(any.get(key) ?? []), test])
  }
  return (image) =>
    all.every((test) => test(image)) && [...any.values()].every((tests) => tests.some((test) => test(image)))
}

function parseBoolean(key: string, value: string): boolean {
  if (/^(true|t|1)$/i.test(value)) return true
  if (/^(false|f|0)$/i.test(value)) return false
  throw new UsageError(`filter images: ${key}=${value}: neither true nor false`)
}

function hasLabel({ config }: Listable, text: string): boolean {
  const equals = text.indexOf('=')
  const [key, value] = equals < 0 ? [text, undefined] : [text.slice(0, equals), text.slice(equals + 1)]
  const labels = config.config?.Labels ?? {}
  return Object.hasOwn(labels, key) && (value === undefined || labels[key] === value)
}

/** A glob (`*` stops at `/`) on the full name or its end after a `/`, with or without the tag. */
function matchesReference(name: string, glob: RegExp): boolean {
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
