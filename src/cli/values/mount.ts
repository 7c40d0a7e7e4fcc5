// `--mount type=TYPE,KEY=VALUE,…` → what -v says in other words, and what only --mount can say. podman-run(1), --mount.

import { UsageError } from '../../model/errors.js'
import type { ArtifactMountRequest, MountRequest } from '../../model/mounts.js'
import { onlySaid } from '../only-said.js'
import { parseContainerPath } from './container-path.js'
import { splitCsv } from './csv.js'
import { checkMountOptions } from './mount-options.js'
import { checkTmpfsOptions } from './tmpfs.js'
import { parseVolumeName } from './volume.js'

const FORM =
  'incorrect mount format: should be --mount type=<bind|volume|tmpfs|image|devpts|ramfs|glob|artifact>,[src=<host-dir|volume-name|…>,]target=<ctr-dir>[,options]'

/** What was said so far. */
interface Draft {
  source?: string
  target?: string
  subpath?: string
  title?: string
  digest?: string
  fileName?: string
  isWritable?: boolean
  readonly driverOptions: Record<string, string>
  readonly options: string[]
}
/** Puts one `KEY` or `KEY=VALUE` into the draft. */
type Take = (draft: Draft, value: string | undefined, key: string) => void
type Grammar = Readonly<Record<string, Take>>

const flag: Take = (draft, value, key) => {
  if (readBoolean(value, `'${key}'`)) draft.options.push(key)
}
const option =
  (name: string): Take =>
  (draft, value, key) =>
    draft.options.push(`${name}=${required(value, key)}`)
const chown: Take = (draft, value) => {
  if (readBoolean(value, "'U' or 'chown'")) draft.options.push('U')
}
const readonly: Take = (draft, value, key) => {
  const isOn = readBoolean(value, "'readonly', 'ro', or 'rw'")
  draft.options.push((key === 'rw') === isOn ? 'rw' : 'ro')
}
const idmap: Take = (draft, value) => {
  if (value !== 'false') draft.options.push(value === undefined || value === 'true' ? 'idmap' : `idmap=${value}`)
}
const source: Take = (draft, value, key) => {
  draft.source = required(value, key)
}
const target: Take = (draft, value, key) => {
  draft.target = parseContainerPath(required(value, key))
}
const subpath: Take = (draft, value, key) => {
  draft.subpath = required(value, key)
}
const refuse =
  (message: string): Take =>
  () => {
    throw new UsageError(message)
  }

const TARGET: Grammar = { dst: target, destination: target, target }
const SOURCE: Grammar = { src: source, source }
const ACCESS: Grammar = { ro: readonly, readonly, rw: readonly }
const RESTRICTIONS: Grammar = { suid: flag, nosuid: flag, dev: flag, nodev: flag, exec: flag, noexec: flag }
const SHARED: Grammar = {
  ...TARGET,
  ...SOURCE,
  ...ACCESS,
  ...RESTRICTIONS,
  U: chown,
  chown,
  idmap,
  consistency: () => {},
}
const BIND: Grammar = {
  ...SHARED,
  'bind-propagation': (draft, value, key) => draft.options.push(required(value, key)),
  'bind-nonrecursive': (draft, value) =>
    draft.options.push(readBoolean(value, "'bind-nonrecursive'") ? 'bind' : 'rbind'),
  relabel: (draft, value) => {
    if (value !== 'shared' && value !== 'private')
      throw new UsageError("relabel mount option must be 'private' or 'shared': invalid mount option")
    draft.options.push(value === 'shared' ? 'z' : 'Z')
  },
  ...Object.fromEntries(
    ['private', 'rprivate', 'shared', 'rshared', 'slave', 'rslave', 'unbindable', 'runbindable'].map((it) => [
      it,
      flag,
    ]),
  ),
}
const NO_COPY: Take = (draft, value, key) =>
  draft.options.push(readBoolean(value, `'${key}'`) === (key !== 'copy') ? 'nocopy' : 'copy')
const VOLUME: Grammar = {
  ...SHARED,
  copy: NO_COPY,
  nocopy: NO_COPY,
  'volume-nocopy': NO_COPY,
  subpath,
  'volume-subpath': subpath,
  'volume-label': refuse('the --volume-label option is not presently implemented'),
  'volume-opt': (draft, value, key) => {
    const [name, ...rest] = required(value, key).split('=')
    draft.driverOptions[name ?? ''] = rest.join('=')
  },
}
const TMPFS: Grammar = {
  ...TARGET,
  ...ACCESS,
  ...RESTRICTIONS,
  src: refuse('source is not supported with tmpfs mounts'),
  source: refuse('source is not supported with tmpfs mounts'),
  U: chown,
  chown,
  consistency: () => {},
  tmpcopyup: flag,
  notmpcopyup: flag,
  'tmpfs-mode': option('mode'),
  'tmpfs-size': option('size'),
}
/** It has no size, and nothing is copied into it. */
const RAMFS: Grammar = Object.fromEntries(
  Object.entries(TMPFS).filter(([key]) => key !== 'tmpfs-size' && !key.endsWith('tmpcopyup')),
)
const DEVPTS: Grammar = {
  ...TARGET,
  uid: option('uid'),
  gid: option('gid'),
  mode: option('mode'),
  max: option('max'),
}
const writable: Take = (draft, value, key) => {
  const isOn = readBoolean(value, `'${key}'`)
  draft.isWritable = key.startsWith('rw') || key === 'readwrite' ? isOn : !isOn
}
const IMAGE: Grammar = {
  ...TARGET,
  ...SOURCE,
  ro: writable,
  readonly: writable,
  rw: writable,
  readwrite: writable,
  subpath,
  'image-subpath': subpath,
}
const text =
  (field: 'title' | 'digest' | 'fileName'): Take =>
  (draft, value, key) => {
    draft[field] = required(value, key)
  }
const ARTIFACT: Grammar = { ...TARGET, ...SOURCE, title: text('title'), digest: text('digest'), name: text('fileName') }

const TYPES: Readonly<Record<string, { readonly grammar: Grammar; readonly build: (draft: Draft) => MountRequest }>> = {
  bind: { grammar: BIND, build: buildBind },
  volume: { grammar: VOLUME, build: buildVolume },
  tmpfs: { grammar: TMPFS, build: buildTmpfs },
  ramfs: { grammar: RAMFS, build: buildRamfs },
  devpts: { grammar: DEVPTS, build: buildDevpts },
  image: { grammar: IMAGE, build: buildImage },
  glob: { grammar: BIND, build: buildGlob },
  artifact: { grammar: ARTIFACT, build: buildArtifact },
}

export function parseMount(input: string): MountRequest {
  const words = splitCsv(input).map((word): [string, string | undefined] => {
    const equals = word.indexOf('=')
    return equals < 0 ? [word, undefined] : [word.slice(0, equals), word.slice(equals + 1)]
  })
  if (words.length < 2) throw new UsageError(FORM)
  const types = words.flatMap(([key, value]) => (key === 'type' ? [value ?? ''] : []))
  if (types.length > 1) throw new UsageError('"type" option can only be specified once')
  const [type = 'volume'] = types
  const kind = Object.hasOwn(TYPES, type) ? TYPES[type] : undefined
  if (kind === undefined)
    throw new UsageError(`invalid filesystem type "${type}": known are ${Object.keys(TYPES).join(', ')}`)
  const draft: Draft = { options: [], driverOptions: {} }
  for (const [key, value] of words.filter(([word]) => word !== 'type')) {
    const take = Object.hasOwn(kind.grammar, key) ? kind.grammar[key] : undefined
    if (take === undefined) throw new UsageError(`${key}: invalid mount option`)
    take(draft, value, key)
  }
  return kind.build(draft)
}

function buildBind(draft: Draft): MountRequest {
  const containerPath = targetOf(draft)
  // podman's habit: a source that is not said is the same path of the host
  return { kind: 'bind', hostPath: draft.source ?? containerPath, containerPath, options: optionsOf(draft) }
}

function buildVolume(draft: Draft): MountRequest {
  const { driverOptions, subpath: inside } = draft
  return {
    kind: 'volume',
    containerPath: targetOf(draft),
    options: optionsOf(draft),
    ...onlySaid({
      name: draft.source === undefined ? undefined : parseVolumeName(draft.source),
      subpath: inside,
      driverOptions: Object.keys(driverOptions).length === 0 ? undefined : driverOptions,
    }),
  }
}

function buildTmpfs(draft: Draft): MountRequest {
  return { kind: 'tmpfs', containerPath: targetOf(draft), options: checkTmpfsOptions(draft.options) }
}

function buildRamfs(draft: Draft): MountRequest {
  return { kind: 'ramfs', containerPath: targetOf(draft), options: checkTmpfsOptions(draft.options) }
}

function buildDevpts(draft: Draft): MountRequest {
  for (const word of draft.options)
    if (!/^(uid|gid|max)=\d+$|^mode=[0-7]{1,4}$/.test(word)) throw new UsageError(`bad value in option "${word}"`)
  return { kind: 'devpts', containerPath: targetOf(draft), options: draft.options }
}

function buildImage({
  source: image,
  target: containerPath,
  isWritable = false,
  subpath: inside,
}: Draft): MountRequest {
  if (image === undefined || containerPath === undefined)
    throw new UsageError('must set source and destination for image volume')
  return { kind: 'image', image, containerPath, isWritable, ...onlySaid({ subpath: inside }) }
}

function buildGlob(draft: Draft): MountRequest {
  if (draft.source === undefined) throw new UsageError('must set source for a mount of type glob')
  return {
    kind: 'glob',
    pattern: draft.source,
    options: optionsOf(draft),
    ...onlySaid({ containerPath: draft.target }),
  }
}

function buildArtifact({
  source: artifact,
  target: containerPath,
  title,
  digest,
  fileName,
}: Draft): ArtifactMountRequest {
  if (artifact === undefined || containerPath === undefined)
    throw new UsageError('must set source and destination for artifact volume')
  if (title !== undefined && digest !== undefined)
    throw new UsageError('cannot set both title and digest for artifact mount')
  return { kind: 'artifact', artifact, containerPath, ...onlySaid({ title, digest, fileName }) }
}

const optionsOf = (draft: Draft): string[] => checkMountOptions(draft.options)

function targetOf({ target: path }: Draft): string {
  if (path === undefined) throw new UsageError('must set volume destination')
  return path
}

function required(value: string | undefined, key: string): string {
  if (value !== undefined && value !== '') return value
  throw new UsageError(`${key}: must provide an argument for option`)
}

/** A word alone means yes. */
function readBoolean(value: string | undefined, names: string): boolean {
  if (value === undefined || value === 'true') return true
  if (value === 'false') return false
  throw new UsageError(
    `${names} must be set to true or false, instead received "${value}": must provide an argument for option`,
  )
}
