// `--volumes-from CONTAINER[:ro|rw,z]`. podman-run(1). `z` has no effect where SELinux is off.

import { UsageError } from '../../model/errors.js'
import type { VolumesFromRequest } from '../../model/mounts.js'
import { onlySaid } from '../only-said.js'

export function parseVolumesFrom(input: string): VolumesFromRequest {
  const colon = input.indexOf(':')
  const container = colon < 0 ? input : input.slice(0, colon)
  if (container === '') throw new UsageError('the form is CONTAINER[:OPTIONS]')
  const words = colon < 0 ? [] : input.slice(colon + 1).split(',')
  for (const word of words)
    if (!['ro', 'rw', 'z'].includes(word))
      throw new UsageError(
        `invalid option "${word}" specified - volumes from another container can only use z,ro,rw options`,
      )
  const access = words.filter((word): word is 'ro' | 'rw' => word === 'ro' || word === 'rw')
  if (access.length > 1) throw new UsageError('cannot set ro or rw options more than once')
  if (words.length - access.length > 1) throw new UsageError('cannot set :z more than once in mount options')
  return { container, ...onlySaid({ access: access[0] }) }
}
