// `--restart no|always|unless-stopped|on-failure[:TIMES]`, with podman's messages.

import { UsageError } from '../../model/errors.js'
import { RESTART_POLICIES, type RestartPolicy } from '../../model/lifecycle.js'

/** The empty string is podman's other word for `no`. */
export function parseRestart(input: string): RestartPolicy {
  const [word = '', times, ...rest] = input.split(':')
  const name = RESTART_POLICIES.find((policy) => policy === (word === '' ? 'no' : word))
  if (name === undefined || rest.length > 0)
    throw new UsageError(`"${input}" is not a valid restart policy: known are ${RESTART_POLICIES.join(', ')}`)
  if (times === undefined) return { name, maxRetries: 0 }
  if (name !== 'on-failure')
    throw new UsageError('restart policy retries can only be specified with on-failure restart policy')
  if (!/^[+-]?\d+$/.test(times) || !Number.isSafeInteger(Number(times)))
    throw new UsageError(`parsing restart policy retry count: "${times}" is not a number`)
  if (Number(times) < 0) throw new UsageError('must specify restart policy retry count as a number greater than 0')
  return { name, maxRetries: Number(times) }
}
