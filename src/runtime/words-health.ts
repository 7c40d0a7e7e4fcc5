// The health checks, in the monitor's words (PROTOCOL.md, health_… startup_…). Pure.

import type { ContainerPlan } from '../model/container.js'
import type { RunPlace } from './monitor-words.js'

export function healthWords(_plan: ContainerPlan, _place: RunPlace): string[] {
  return []
}
