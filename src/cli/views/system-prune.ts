// What `system prune` asks and tells: podman's words.

import type { PrunedStore } from '../../model/store-usage.js'
import { exactSize } from '../human.js'

/** The warning before the question. */
export function pruneWarning({ all, volumes }: { readonly all: boolean; readonly volumes: boolean }): string {
  const doomed = [
    'all stopped containers',
    ...(volumes ? ['all volumes not used by at least one container'] : []),
    all ? 'all images without at least one container associated with them' : 'all dangling images',
    'what interrupted commands have left behind',
  ]
  return `This command removes:\n${doomed.map((line) => `\t- ${line}\n`).join('')}`
}

export function pruneText(pruned: Omit<PrunedStore, 'warnings'>, { dryRun }: { readonly dryRun: boolean }): string {
  const verb = dryRun ? 'Would delete' : 'Deleted'
  const section = (title: string, ids: readonly string[]): string =>
    ids.length === 0 ? '' : `${verb} ${title}\n${ids.map((id) => `${id}\n`).join('')}`
  return [
    section('Containers', pruned.containers),
    section('Volumes', pruned.volumes),
    section('Images', pruned.images),
    section('Leftovers', pruned.leftovers),
    `Total ${dryRun ? 'reclaimable' : 'reclaimed'} space: ${exactSize(pruned.freedBytes)}\n`,
  ].join('')
}
