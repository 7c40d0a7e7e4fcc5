// `wait --condition`: the states a container can be waited for. `stopped` is podman's other word for exited.

import type { ContainerStatus } from '../../model/container.js'
import { UsageError } from '../../model/errors.js'

const CONDITIONS: Readonly<Record<string, ContainerStatus>> = {
  created: 'created',
  initialized: 'initialized',
  running: 'running',
  exited: 'exited',
  stopped: 'exited',
}

export function parseCondition(input: string): ContainerStatus {
  const status = Object.hasOwn(CONDITIONS, input) ? CONDITIONS[input] : undefined
  if (status !== undefined) return status
  throw new UsageError(`must be one of ${Object.keys(CONDITIONS).join(', ')}`)
}
