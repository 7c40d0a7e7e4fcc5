// Where output goes, in the monitor's words (PROTOCOL.md, log_… journal… stdio_fds). Pure.

import path from 'node:path'
import type { ContainerPlan } from '../model/container.js'
import type { RunPlace } from './monitor-words.js'

export function logWords(_plan: ContainerPlan, { dir }: RunPlace): string[] {
  return [`log=${path.join(dir, 'ctr.log')}`]
}
