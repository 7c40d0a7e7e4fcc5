// The flags by which verbs say which containers they are for, and what may not be said together: podman's rules and words.

import { UsageError } from '../model/errors.js'
import type { Filter } from '../model/filter.js'
import { asText, list, toggle, value } from './flags.js'
import { parseContainerFilter } from './values/container-filter.js'
import { parseGrace } from './values/grace.js'
import { parseSignalName } from './values/names.js'

export const latestFlag = { latest: toggle('The container that was created last', { char: 'l' }) }
export const cidfileFlag = { cidfile: list('Read the ID of a container from this file', asText) }
/** With the letter where the verb has no other use for it. */
export const filterFlag = (options: { readonly char?: 'f' } = { char: 'f' }) => ({
  filter: list('Containers that have KEY=VALUE, as in `ps`', parseContainerFilter, { commas: true, ...options }),
})

/** Of verbs that end containers. */
export const graceFlag = {
  time: value('Seconds until SIGKILL, -1 for never', parseGrace, {
    char: 't',
    type: 'int',
    defaultHelp: '10',
    aliases: ['timeout'],
  }),
}

/** Of verbs that stop containers. */
export const stopSignalFlag = {
  signal: value("Signal that asks for the end this time, in place of the container's own", parseSignalName, {
    char: 's',
    type: 'signal',
  }),
}

export interface TargetFlags {
  readonly all?: boolean
  readonly latest?: boolean
  readonly cidfile?: readonly string[]
  readonly filter?: readonly Filter[]
}

/** Whether something is said beside names; throws UsageError when things are said that exclude each other, or nothing at all. */
export function checkTargets(names: readonly string[], flags: TargetFlags): void {
  const { all = false, latest = false } = flags
  const hasCidfile = (flags.cidfile?.length ?? 0) > 0
  const hasFilter = (flags.filter?.length ?? 0) > 0
  if (hasCidfile && (all || latest)) throw new UsageError('--all, --latest, and --cidfile cannot be used together')
  if (all && latest) throw new UsageError('--all and --latest cannot be used together')
  if (hasFilter && latest) throw new UsageError('--filter and --latest cannot be used together')
  if (hasFilter && hasCidfile) throw new UsageError('--filter and --cidfile cannot be used together')
  if (names.length > 0) {
    if (all) throw new UsageError('no arguments are needed with --all')
    if (latest) throw new UsageError('--latest and containers cannot be used together')
    if (hasCidfile) throw new UsageError('no arguments are needed with --cidfile')
    if (hasFilter) throw new UsageError('--filter takes no arguments')
  } else if (!all && !latest && !hasCidfile && !hasFilter)
    throw new UsageError('you must provide at least one name or id')
}
