// `--pull`, `--policy`: when a registry is asked for an image.

import { UsageError } from '../../model/errors.js'
import type { PullPolicy } from '../../model/registry.js'

export const PULL_POLICIES = ['always', 'missing', 'never', 'newer'] as const satisfies readonly PullPolicy[]

/** docker's older words are understood too: a truth value, `ifnotpresent`. */
export function parsePullPolicy(input: string): PullPolicy {
  const word = { true: 'always', false: 'missing', ifnotpresent: 'missing' }[input.toLowerCase()] ?? input.toLowerCase()
  const policy = PULL_POLICIES.find((it) => it === word)
  if (policy === undefined)
    throw new UsageError(`unsupported pull policy "${input}": known are ${PULL_POLICIES.join(', ')}`)
  return policy
}
