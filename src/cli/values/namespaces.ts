// `--network` and `--userns`: the modes there are, and a clear refusal of the others.

import { UsageError } from '../../model/errors.js'
import type { NetworkRequest, UsernsRequest } from '../../model/isolation.js'

export function parseNetwork(input: string): NetworkRequest {
  if (input === 'none' || input === 'host') return { mode: input }
  throw new UsageError('supported are none and host')
}

export function parseUserns(input: string): UsernsRequest {
  if (input === 'host' || input === 'keep-id') return { mode: input }
  throw new UsageError('supported are host and keep-id')
}
