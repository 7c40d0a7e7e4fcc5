// `run --attach`: one of a container's standard streams.

import { UsageError } from '../../model/errors.js'
import { STREAMS, type StreamName } from '../../model/run-request.js'

export function parseStream(input: string): StreamName {
  const name = STREAMS.find((stream) => stream === input.toLowerCase())
  if (name !== undefined) return name
  throw new UsageError(`invalid stream "${input}" for --attach - must be one of stdin, stdout, or stderr`)
}
