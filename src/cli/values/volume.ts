// `-v [SOURCE:]DESTINATION[:OPTIONS]`, as podman-run(1) describes --volume. A source with a slash or a leading dot is a path.

import { UsageError } from '../../model/errors.js'
import type { VolumeOption, VolumeRequest } from '../../model/mounts.js'

const OPTIONS: ReadonlySet<string> = new Set<VolumeOption>([
  ...(['ro', 'rw', 'z', 'Z', 'exec', 'noexec', 'dev', 'nodev', 'suid', 'nosuid', 'bind', 'rbind'] as const),
  ...(['private', 'rprivate', 'shared', 'rshared', 'slave', 'rslave', 'nocopy', 'copy'] as const),
])
/** Of each group one may be said. */
const CHOICES: readonly (readonly VolumeOption[])[] = [
  ['ro', 'rw'],
  ['z', 'Z'],
  ['exec', 'noexec'],
  ['dev', 'nodev'],
  ['suid', 'nosuid'],
  ['bind', 'rbind'],
  ['copy', 'nocopy'],
  ['private', 'rprivate', 'shared', 'rshared', 'slave', 'rslave'],
]
/** Docker's names for volumes, also podman's. */
const VOLUME_NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/

export function parseVolume(input: string): VolumeRequest {
  const parts = input.split(':')
  if (parts.length > 3) throw new UsageError('too many colons: the form is [SOURCE:]DESTINATION[:OPTIONS]')
  const [first = '', second, third] = parts
  if (second === undefined) return { kind: 'volume', containerPath: parseContainerPath(first), options: [] }
  const options = third === undefined ? [] : parseVolumeOptions(third)
  const containerPath = parseContainerPath(second)
  if (first === '') throw new UsageError('the source is empty: leave out the colon for an anonymous volume')
  if (first.includes('/') || first.startsWith('.')) return { kind: 'bind', hostPath: first, containerPath, options }
  if (!VOLUME_NAME.test(first))
    throw new UsageError(
      `"${first}" is no volume name: letters, digits, "_", "." and "-", starting with a letter or digit`,
    )
  return { kind: 'volume', name: first, containerPath, options }
}

/** A mount's place in the container: absolute, and not the root itself. */
export function parseContainerPath(input: string): string {
  if (!input.startsWith('/')) throw new UsageError(`"${input}" must be an absolute path in the container`)
  const parts: string[] = []
  for (const part of input.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '' && part !== '.') parts.push(part)
  }
  if (parts.length === 0) throw new UsageError('a volume cannot take the place of the container\'s "/"')
  return `/${parts.join('/')}`
}

function parseVolumeOptions(input: string): readonly VolumeOption[] {
  const options = input.split(',').filter((word) => word !== '')
  for (const option of options)
    if (!OPTIONS.has(option))
      throw new UsageError(`unknown option "${option}": supported are ${[...OPTIONS].join(', ')}`)
  for (const group of CHOICES) {
    const said = new Set(options.filter((option) => (group as readonly string[]).includes(option)))
    if (said.size > 1) throw new UsageError(`options ${[...said].join(' and ')} exclude each other`)
  }
  return options as VolumeOption[]
}
