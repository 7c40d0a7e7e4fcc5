// What a plan says that is the monitor's to do, in its words (PROTOCOL.md, The spec). Pure.

import type { ContainerPlan } from '../model/container.js'
import { healthWords } from './words-health.js'
import { lifecycleWords } from './words-lifecycle.js'
import { limitsWords } from './words-limits.js'
import { logWords } from './words-log.js'

/** Where this start's files are. */
export interface RunPlace {
  /** The container's directory. */
  readonly dir: string
  /** runs/<n> in it. */
  readonly runDir: string
}

export function planWords(plan: ContainerPlan, place: RunPlace): string[] {
  return [
    ...lifecycleWords(plan, place),
    ...healthWords(plan, place),
    ...logWords(plan, place),
    ...limitsWords(plan, place),
  ]
}
