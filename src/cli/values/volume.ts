// `-v [SOURCE:]DESTINATION[:OPTIONS]`, as podman-run(1) describes --volume. A source with a slash or a leading dot is a path.

import { UsageError } from '../../model/errors.js'
import type { MountRequest, OverlayRequest } from '../../model/mounts.js'
import { onlySaid } from '../only-said.js'
import { parseContainerPath } from './container-path.js'
import { checkMountOptions } from './mount-options.js'

/** Docker's names for volumes, also podman's. */
const VOLUME_NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/

export function parseVolume(input: string): MountRequest {
  const parts = input.split(':')
  if (parts.length > 3)
    throw new UsageError(`${input}: incorrect volume format, should be [host-dir:]ctr-dir[:option]`, {
      hint: '--mount type=bind,source=…,target=… takes a path with a colon',
    })
  const [first = '', second, third = ''] = parts
  if (second === undefined) return { kind: 'volume', containerPath: parseContainerPath(first), options: [] }
  if (first === '') throw new UsageError('host directory cannot be empty')
  const words = third.split(',').filter((word) => word !== '')
  const source = parseSource(first)
  const containerPath = parseContainerPath(second)
  if (words.includes('O')) return { kind: 'overlay', of: source, containerPath, ...parseOverlay(words) }
  return { ...source, containerPath, options: checkMountOptions(words) }
}

function parseSource(source: string): OverlayRequest['of'] {
  if (source.includes('/') || source.startsWith('.')) return { kind: 'bind', hostPath: source }
  return { kind: 'volume', name: parseVolumeName(source) }
}

export function parseVolumeName(name: string): string {
  if (VOLUME_NAME.test(name)) return name
  throw new UsageError(`volume "${name}": names must match [a-zA-Z0-9][a-zA-Z0-9_.-]*`)
}

/** With `O` only where the changes go can be said. */
function parseOverlay(words: readonly string[]): Pick<OverlayRequest, 'upper' | 'work'> {
  const get = (key: string): string | undefined => {
    const said = words.filter((word) => word.startsWith(`${key}=`)).map((word) => word.slice(key.length + 1))
    if (said.length > 1)
      throw new UsageError(`invalid options "${words.join(', ')}", can only specify 1 ${key} per overlay`)
    if (said[0] === '') throw new UsageError(`cannot accept empty value for ${key}`)
    return said[0]
  }
  const [upper, work] = [get('upperdir'), get('workdir')]
  const known = 1 + [upper, work].filter((dir) => dir !== undefined).length
  if (words.length > known) throw new UsageError("can't use 'O' with other options")
  if ((upper === undefined) !== (work === undefined)) throw new UsageError('must specify both upperdir and workdir')
  return onlySaid({ upper, work })
}
