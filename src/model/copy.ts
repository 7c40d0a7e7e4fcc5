// `cp`: where a copy comes from and goes to, and by which name it arrives there. Pure: what is there is told by who looked.

import { ConflictError, NotFoundError } from './errors.js'

/** One end as it was said. */
export type CopyPlace =
  | { readonly kind: 'host'; readonly path: string }
  | { readonly kind: 'container'; readonly container: string; readonly path: string }
  /** A tar archive on standard input or output. */
  | { readonly kind: 'stream' }

/** What was found at an end. */
export interface CopyEnd {
  /** For messages: as it was said. */
  readonly said: string
  /** For messages: `container NAME` or `the host`. */
  readonly where: string
  /** `missing`: its directory is there, it is not. `nowhere`: not even that. */
  readonly kind: 'directory' | 'file' | 'other' | 'missing' | 'nowhere'
  /** Absolute, links followed as far as a copy follows them. */
  readonly path: string
}

export interface CopyPlan {
  /** What the source is called in its archive; undefined: it is a directory whose contents are meant. */
  readonly name?: string
  /** The directory of the destination that the archive is unpacked in. */
  readonly into: string
}

/** podman's rules, which are docker's. Throws NotFoundError and ConflictError. */
export function planCopy(source: CopyEnd, destination: CopyEnd): CopyPlan {
  if (source.kind === 'missing' || source.kind === 'nowhere') throw notFound(source)
  const isDirectory = source.kind === 'directory'
  switch (destination.kind) {
    case 'nowhere':
      throw notFound(destination)
    case 'directory':
      if (isDirectory && meansContents(source.said)) return { into: destination.path }
      return { name: nameOf(source), into: destination.path }
    case 'missing':
      if (!isDirectory && meansDirectory(destination.said)) throw notFound(destination)
      return asName(destination.path)
    case 'file':
    case 'other':
      if (isDirectory || meansDirectory(destination.said))
        throw new ConflictError(`copy: ${destination.said}: destination must be a directory when copying a directory`)
      return asName(destination.path)
  }
}

/** Of an archive on standard output. */
export function nameInStream(source: CopyEnd): string | undefined {
  if (source.kind === 'missing' || source.kind === 'nowhere') throw notFound(source)
  return source.kind === 'directory' && meansContents(source.said) ? undefined : nameOf(source)
}

/** An archive on standard input. */
export function planUnpack(destination: CopyEnd): CopyPlan {
  if (destination.kind === 'directory') return { into: destination.path }
  if (destination.kind === 'nowhere') throw notFound(destination)
  throw new ConflictError(`copy: ${destination.said}: destination must be a directory when copying from stdin`)
}

function asName(path: string): CopyPlan {
  const slash = path.lastIndexOf('/')
  return { name: path.slice(slash + 1), into: slash === 0 ? '/' : path.slice(0, slash) }
}

/** The root has no name: its contents are all there is of it. */
function nameOf({ path }: CopyEnd): string {
  return path.slice(path.lastIndexOf('/') + 1) || '.'
}

/** `DIR/.` */
const meansContents = (said: string): boolean => said === '.' || said.endsWith('/.')
const meansDirectory = (said: string): boolean => said.endsWith('/') || meansContents(said)

function notFound({ said, where }: CopyEnd): NotFoundError {
  return new NotFoundError(`copy: "${said}" could not be found on ${where}: no such file or directory`, {
    exitCode: 125,
  })
}
