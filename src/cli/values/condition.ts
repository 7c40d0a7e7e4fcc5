// `wait --condition`: what a container can be waited for, in podman's words: `configured` is its other word for created, `stopped` for exited.

import { UsageError } from '../../model/errors.js'
import type { WaitCondition } from '../../model/status.js'

const CONDITIONS: Readonly<Record<string, WaitCondition>> = {
  configured: 'created',
  created: 'created',
  exited: 'exited',
  healthy: 'healthy',
  initialized: 'initialized',
  paused: 'paused',
  removing: 'removing',
  restarting: 'restarting',
  running: 'running',
  stopped: 'exited',
  unhealthy: 'unhealthy',
}
export const CONDITION_WORDS = Object.keys(CONDITIONS)

export function parseCondition(input: string): WaitCondition {
  const condition = Object.hasOwn(CONDITIONS, input) ? CONDITIONS[input] : undefined
  if (condition !== undefined) return condition
  throw new UsageError(`unknown container state: ${input}: must be one of ${CONDITION_WORDS.join(', ')}`)
}
