// Version 1 control groups, in the monitor's words (PROTOCOL.md, cgroup1…). Pure.

import type { ContainerPlan } from '../model/container.js'
import type { RunPlace } from './monitor-words.js'

export function limitsWords(_plan: ContainerPlan, _place: RunPlace): string[] {
  return []
}
