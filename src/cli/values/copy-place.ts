// The two words of `cp`: `CONTAINER:PATH`, `PATH` or `-`. What begins with a dot or a slash is never a container.

import type { CopyPlace } from '../../model/copy.js'
import { UsageError } from '../../model/errors.js'

/** Throws UsageError when no container is meant, or no path is given. */
export function parseCopyPlaces(source: string, destination: string): [CopyPlace, CopyPlace] {
  const places: [CopyPlace, CopyPlace] = [parsePlace(source), parsePlace(destination)]
  if (places.every(({ kind }) => kind !== 'container'))
    throw new UsageError(`invalid arguments "${source}", "${destination}": one of them must be CONTAINER:PATH`)
  if (places.some((place) => place.kind !== 'stream' && place.path === ''))
    throw new UsageError(`invalid arguments "${source}", "${destination}": you must specify paths`)
  return places
}

function parsePlace(text: string): CopyPlace {
  if (text === '-') return { kind: 'stream' }
  const colon = text.indexOf(':')
  if (/^[./]/.test(text) || colon < 0) return { kind: 'host', path: text }
  return { kind: 'container', container: text.slice(0, colon), path: text.slice(colon + 1) }
}
