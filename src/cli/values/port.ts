// `PORT[/PROTOCOL]` of a container.

import { UsageError } from '../../model/errors.js'

const HIGHEST_PORT = 65535

export interface ContainerPort {
  readonly port: number
  readonly protocol: string
}

export function parsePort(input: string): ContainerPort {
  const [digits = '', protocol = 'tcp', ...rest] = input.split('/')
  if (!/^\d+$/.test(digits) || rest.length > 0)
    throw new UsageError(`strconv.ParseUint: parsing "${digits}": invalid syntax`)
  if (Number(digits) > HIGHEST_PORT) throw new UsageError(`strconv.ParseUint: parsing "${digits}": value out of range`)
  return { port: Number(digits), protocol }
}
