// A volume: what is kept of it, and what its options mean. podman-volume-create(1), --opt. Pure.

import { UsageError } from './errors.js'

export type VolumeDriver = 'local' | 'image'

/** volume.json. */
export interface VolumeRecord {
  readonly schema: 1
  readonly name: string
  /** RFC 3339, UTC. */
  readonly createdAt: string
  /** Made for one container, removed with it. */
  readonly anonymous: boolean
  readonly labels: Readonly<Record<string, string>>
  readonly driver: VolumeDriver
  /** As said, in podman's words; with `UID` and `GID` where an owner was said. */
  readonly options: Readonly<Record<string, string>>
}

export interface VolumeOwner {
  readonly uid?: number
  readonly gid?: number
}

/** What the options of a volume come to. */
export type VolumeMeaning =
  /** Files of its own below the store. */
  | {
      readonly kind: 'directory'
      readonly owner: VolumeOwner
      /** Flags of the mount in a container: `ro`, `noexec` … */
      readonly flags: readonly string[]
      /** While it is empty it takes over what the image has at its place. */
      readonly copyUp: boolean
    }
  /** The same, filled from an image when it is made. */
  | { readonly kind: 'image'; readonly image: string }
  /** Nothing of its own: in each container that uses it this is mounted. */
  | {
      readonly kind: 'mount'
      readonly type: string
      readonly source: string
      readonly options: readonly string[]
    }

type Options = Readonly<Record<string, string>>
type Described = Pick<VolumeRecord, 'driver' | 'options'>

/** Throws UsageError for options that mean nothing, or that nothing here can keep. */
export function readVolumeOptions({ driver, options }: Described): VolumeMeaning {
  return driver === 'image' ? readImageOptions(options) : readLocalOptions(options)
}

function readImageOptions(options: Options): VolumeMeaning {
  for (const key of Object.keys(options)) if (key !== 'image') throw invalidOption(key, 'image')
  const { image = '' } = options
  if (image === '') throw new UsageError('an image name is needed with the image driver', { hint: '--opt image=NAME' })
  return { kind: 'image', image }
}

const LOCAL_KEYS = new Set(['type', 'device', 'o', 'uid', 'gid', 'copy', 'nocopy'])

function readLocalOptions(options: Options): VolumeMeaning {
  const said = new Map(Object.entries(options).map(([key, value]) => [key.toLowerCase(), value]))
  for (const key of Object.keys(options)) {
    refuseOption(key.toLowerCase())
    if (!LOCAL_KEYS.has(key.toLowerCase())) throw invalidOption(key, 'local')
  }
  const words = (said.get('o') ?? '').split(',').filter((word) => word !== '' && word !== 'noquota')
  const [type, device] = [said.get('type') || undefined, said.get('device') || undefined]
  const owner = readOwner(said, words)
  if (words.some((word) => word === 'bind' || word === 'rbind') || type === 'bind')
    return bindMount(device, { words, owner })
  if (type === undefined || type === 'none') {
    if (device !== undefined)
      throw new UsageError(`device=${device}: how it is to be mounted is not said`, {
        hint: 'add --opt o=bind for a directory, or --opt type=…',
      })
    const flags = words.filter((word) => !/^[ug]id=/.test(word))
    checkFlags(flags)
    return { kind: 'directory', owner, flags, copyUp: !said.has('nocopy') }
  }
  const missing = (['uid', 'gid'] as const).flatMap((id) =>
    owner[id] === undefined || words.some((word) => word.startsWith(`${id}=`)) ? [] : [`${id}=${owner[id]}`],
  )
  return { kind: 'mount', type, source: device ?? type, options: [...words, ...missing] }
}

function bindMount(
  device: string | undefined,
  { words, owner }: { readonly words: readonly string[]; readonly owner: VolumeOwner },
): VolumeMeaning {
  if (device?.startsWith('/') !== true)
    throw new UsageError('a bind volume needs the absolute path of a directory', { hint: 'add --opt device=/PATH' })
  if (owner.uid !== undefined || owner.gid !== undefined)
    throw new UsageError("an owner cannot be given to a bind volume: it is the directory's own")
  const isBind = (word: string) => word === 'bind' || word === 'rbind'
  const flags = words.filter((word) => !isBind(word))
  checkFlags(flags)
  return { kind: 'mount', type: 'bind', source: device, options: [words.find(isBind) ?? 'rbind', ...flags] }
}

/** Of a mount that is no file system of its own: mount(8), FILESYSTEM-INDEPENDENT MOUNT OPTIONS. */
const FLAGS = new Set([
  ...['ro', 'rw', 'exec', 'noexec', 'dev', 'nodev', 'suid', 'nosuid', 'sync', 'async', 'dirsync'],
  ...['atime', 'noatime', 'diratime', 'nodiratime', 'relatime', 'norelatime', 'strictatime', 'nostrictatime'],
  ...['private', 'rprivate', 'shared', 'rshared', 'slave', 'rslave', 'unbindable', 'runbindable'],
])

function checkFlags(words: readonly string[]): void {
  for (const word of words) {
    refuseOption(word.split('=')[0] as string)
    if (!FLAGS.has(word)) throw new UsageError(`invalid mount option ${word}: a directory is not mounted with it`)
  }
}

/** Said twice (`UID` beside `o=uid=`, as records have it): the key counts. */
function readOwner(said: ReadonlyMap<string, string>, words: readonly string[]): VolumeOwner {
  const find = (name: 'uid' | 'gid') => {
    const text = said.get(name) ?? words.find((word) => word.startsWith(`${name}=`))?.slice(name.length + 1)
    return text === undefined ? {} : { [name]: parseId(name, text) }
  }
  return { ...find('uid'), ...find('gid') }
}

/** The kernel's ids have 32 bits, and the highest means "none". */
const HIGHEST_ID = 2 ** 32 - 2

function parseId(name: string, text: string): number {
  const id = Number(text)
  if (/^\d+$/.test(text) && id <= HIGHEST_ID) return id
  throw new UsageError(`cannot convert ${name.toUpperCase()} ${text} to an integer between 0 and ${HIGHEST_ID}`)
}

/** What podman knows and nothing here can keep. */
function refuseOption(name: string): void {
  if (name === 'size' || name === 'inodes')
    throw new UsageError(`volume option ${name} is not supported: it needs a file system with project quotas`, {
      hint: 'a tmpfs has a size: --opt type=tmpfs --opt o=size=64m',
    })
  if (name === 'timeout') throw new UsageError('volume option timeout can only be used with volume plugins')
}

const invalidOption = (key: string, driver: VolumeDriver) =>
  new UsageError(`invalid mount option ${key} for driver '${driver}'`)
