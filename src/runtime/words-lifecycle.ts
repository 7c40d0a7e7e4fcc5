// How often and for how long the container runs, in the monitor's words (PROTOCOL.md, restart… timeout… pidfile…). Pure.

import type { ContainerPlan } from '../model/container.js'
import type { RunPlace } from './monitor-words.js'

export function lifecycleWords(_plan: ContainerPlan, _place: RunPlace): string[] {
  return []
}
