// What a plan says that is the monitor's to do, in its words (PROTOCOL.md, The spec). Pure.

import type { ContainerPlan } from '../model/container.js'
import type { CgroupPlace } from '../model/limits.js'
import { healthWords } from './words-health.js'
import { lifecycleWords } from './words-lifecycle.js'
import { limitsWords } from './words-limits.js'
import { logWords } from './words-log.js'

/** Whose start this is, and where its files are. */
export interface RunPlace {
  readonly id: string
  readonly name: string
  /** The container's directory. */
  readonly dir: string
  /** runs/<n> in it. */
  readonly runDir: string
  readonly cgroup: CgroupPlace
  /** $NOTIFY_SOCKET of whoever starts the container, if a service manager does. */
  readonly notifySocket?: string
}

export function planWords(plan: ContainerPlan, place: RunPlace): string[] {
  return [
    ...lifecycleWords(plan, place),
    ...healthWords(plan, place),
    ...logWords(plan, place),
    ...limitsWords(place.cgroup),
  ]
}
