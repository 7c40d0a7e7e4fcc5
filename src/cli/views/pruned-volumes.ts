// What `volume prune` shows: names on standard output, as podman; for people how much that is on standard error.

import { exactSize } from '../human.js'

export interface PrunedVolumes {
  readonly ids: readonly string[]
  readonly freedBytes: number
}

export function prunedVolumesText(
  { ids, freedBytes }: PrunedVolumes,
  dryRun: boolean,
): { readonly names: string; readonly note: string } {
  const size = exactSize(freedBytes)
  const count = `${ids.length} ${ids.length === 1 ? 'volume' : 'volumes'}`
  const note = dryRun ? `Would remove ${count} and free ${size}\n` : `Total reclaimed space: ${size}\n`
  return { names: ids.map((name) => `${name}\n`).join(''), note }
}

/** podman's question names what would go. */
export function pruneVolumesWarning(names: readonly string[], all: boolean): string {
  const which = all ? 'volumes' : 'anonymous volumes'
  const list = names.map((name) => `\n${name}`).join('')
  return `This will remove all ${which} not used by at least one container. The following volumes will be removed:${list}`
}
