// Said -> decided: a CreateRequest, the image's config and the host's facts become a ContainerPlan. Pure; touches no disk.
// The image's defaults follow OCI image-spec config.md, the rest podman-run(1).

import path from 'node:path'
import { DEFAULT_CAPABILITIES, resolveCapabilities } from '../model/capabilities.js'
import type {
  ContainerPlan,
  NetworkMode,
  PlannedMount,
  PlannedProcess,
  StorageDriver,
  UsernsPlan,
} from '../model/container.js'
import { UsageError } from '../model/errors.js'
import type { ImageProcessConfig, LocalImage } from '../model/image.js'
import type { CreateRequest, EnvRequest, VolumeRequest } from '../model/run-request.js'
import { formatSignal, parseSignal } from '../model/signal.js'

/** What the planner must know of the machine and of this container; all of it found out before. */
export interface PlanHost {
  readonly id: string
  readonly uid: number
  readonly gid: number
  readonly cwd: string
  readonly hostname: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** Ids beside the caller's own exist: keep-id and other users are possible. */
  readonly hasManyIds: boolean
  readonly storageDriver: StorageDriver
  readonly layers: readonly string[]
  readonly runtime: string
  /** What can be given at all: everything inside a user namespace, else what we have ourselves. */
  readonly availableCapabilities: readonly string[]
  /** A fresh name for the nth anonymous volume. */
  readonly anonymousVolumes: readonly string[]
}

/** The default of `--network`, until there are drivers that isolate and still reach other machines: the caller's own network. */
export const DEFAULT_NETWORK: NetworkMode = 'host'

const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
const DEFAULT_STOP_TIMEOUT_S = 10
/** Programs need them even where the rootfs is read-only (podman-run(1), --read-only-tmpfs). */
const WRITABLE_PLACES = ['/run', '/tmp', '/var/tmp']

/** runtime-spec has none of these: the set podman masks and makes read-only by default. */
const MASKED_PATHS = [
  '/proc/acpi',
  '/proc/kcore',
  '/proc/keys',
  '/proc/latency_stats',
  '/proc/timer_list',
  '/proc/timer_stats',
  '/proc/sched_debug',
  '/proc/scsi',
  '/sys/firmware',
  '/sys/fs/selinux',
  '/sys/dev/block',
]
const READONLY_PATHS = ['/proc/asound', '/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger']

/** Throws UsageError for what cannot be decided: no command, a bad signal, an unknown capability, a relative destination. */
export function planContainer(request: CreateRequest, image: LocalImage, host: PlanHost): ContainerPlan {
  const config = image.config.config ?? {}
  const network = request.network?.mode ?? DEFAULT_NETWORK
  const userns = planUserns(request, host)
  const unmask = request.security.unmask ?? []
  const keep = (paths: readonly string[]) =>
    request.privileged || unmask.includes('ALL') ? [] : paths.filter((entry) => !unmask.includes(entry))
  return {
    image: { id: image.id, name: imageName(request.image, image) },
    process: planProcess(request, config, { userns, env: host.env }),
    hostname: request.hostname ?? (network === 'host' ? host.hostname : host.id.slice(0, 12)),
    readOnly: request.readOnly,
    init: request.init,
    privileged: request.privileged,
    capabilities: planCapabilities(request, host.availableCapabilities),
    noNewPrivileges: request.security.noNewPrivileges ?? false,
    seccomp: planSeccomp(request, host.cwd),
    maskedPaths: [...keep(MASKED_PATHS), ...(request.security.mask ?? [])],
    readonlyPaths: keep(READONLY_PATHS),
    network,
    userns,
    mounts: planMounts(request, config, host),
    ulimits: request.ulimits,
    labels: { ...(config.Labels ?? {}), ...request.labels },
    stopSignal: planStopSignal(request.stopSignal ?? config.StopSignal ?? 'SIGTERM'),
    stopTimeoutS: request.stopTimeoutS ?? DEFAULT_STOP_TIMEOUT_S,
    storageDriver: host.storageDriver,
    layers: host.layers,
    runtime: host.runtime,
  }
}

/** The full name that what was typed stands for; an id of an image without one stays as typed. */
function imageName(typed: string, image: LocalImage): string {
  const isName = (name: string) => name === typed || name.endsWith(`/${typed}`) || name.endsWith(`/${typed}:latest`)
  return image.names.find(isName) ?? image.names[0] ?? typed
}

function planCapabilities(request: CreateRequest, available: readonly string[]): string[] {
  const base = request.privileged ? available : DEFAULT_CAPABILITIES
  const capabilities = resolveCapabilities({ base, all: available }, request.capAdd, request.capDrop)
  const lacking = capabilities.find((name) => !available.includes(name))
  if (lacking === undefined) return capabilities
  throw new UsageError(`give capability: ${lacking}: you do not have it yourself`, {
    hint: `leave it out, or add --cap-drop ${lacking}`,
  })
}

function planUserns(request: CreateRequest, host: PlanHost): UsernsPlan {
  if (request.userns?.mode !== 'keep-id') return { mode: 'shared' }
  if (host.uid === 0)
    throw new UsageError('plan user namespace: keep-id is for unprivileged users: root already is the same user inside')
  if (!host.hasManyIds)
    throw new UsageError('plan user namespace: keep-id needs a subordinate id range', {
      hint: 'sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 $USER',
    })
  return { mode: 'keep-id', uid: host.uid, gid: host.gid }
}

interface ProcessContext {
  readonly userns: UsernsPlan
  readonly env: PlanHost['env']
}

function planProcess(request: CreateRequest, config: ImageProcessConfig, context: ProcessContext): PlannedProcess {
  const entrypoint = request.entrypoint ?? config.Entrypoint ?? []
  // an --entrypoint of one's own drops the image's Cmd, as docker and podman do
  const command = request.command.length > 0 || request.entrypoint !== undefined ? request.command : (config.Cmd ?? [])
  const args = [...entrypoint, ...command]
  if (args.length === 0) {
    throw new UsageError(`plan process: ${request.image}: the image names no command and none was given`, {
      hint: `add one: lichen run … ${request.image} COMMAND`,
    })
  }
  const cwd = request.workdir ?? (config.WorkingDir || '/')
  if (!cwd.startsWith('/')) throw new UsageError(`plan process: working directory "${cwd}" must be absolute`)
  const ownUser = context.userns.mode === 'keep-id' ? `${context.userns.uid}:${context.userns.gid}` : config.User
  return {
    args,
    cwd: path.posix.normalize(cwd),
    env: planEnv(request, config, context.env),
    user: request.user ?? ownUser ?? '',
    tty: request.tty,
    openStdin: request.interactive,
  }
}

/** Defaults, then the image's, then the user's; a later value wins and keeps the place of the first. */
function planEnv(request: CreateRequest, config: ImageProcessConfig, hostEnv: PlanHost['env']): string[] {
  const env = new Map<string, string>([
    ['PATH', DEFAULT_PATH],
    ['container', 'lichen'],
    ...(request.tty ? ([['TERM', 'xterm']] as const) : []),
  ])
  for (const entry of config.Env ?? []) {
    const equals = entry.indexOf('=')
    env.set(equals < 0 ? entry : entry.slice(0, equals), equals < 0 ? '' : entry.slice(equals + 1))
  }
  for (const [name, value] of resolveEnv(request.env, hostEnv)) env.set(name, value)
  return [...env].map(([name, value]) => `${name}=${value}`)
}

/** What `-e` says, with the caller's own variables filled in; one that is not set there is left out. */
export function resolveEnv(requests: readonly EnvRequest[], hostEnv: PlanHost['env']): [string, string][] {
  return requests.flatMap((request): [string, string][] => {
    if (request.kind === 'set') return [[request.name, request.value]]
    const names =
      request.kind === 'host' ? [request.name] : Object.keys(hostEnv).filter((name) => name.startsWith(request.prefix))
    return names.flatMap((name): [string, string][] => (hostEnv[name] === undefined ? [] : [[name, hostEnv[name]]]))
  })
}

function planSeccomp(request: CreateRequest, cwd: string): string {
  if (request.security.seccomp !== undefined)
    return request.security.seccomp === 'unconfined' ? 'unconfined' : path.resolve(cwd, request.security.seccomp)
  return request.privileged ? 'unconfined' : 'default'
}

function planStopSignal(text: string): string {
  const signal = parseSignal(text)
  if (signal === undefined)
    throw new UsageError(`plan container: stop signal "${text}": unknown signal`, {
      hint: 'names are listed in signal(7)',
    })
  return formatSignal(signal)
}

/** The user's mounts, the image's volumes that nothing covers, tmpfs; parents before children. Two for one place are refused. */
function planMounts(request: CreateRequest, config: ImageProcessConfig, host: PlanHost): PlannedMount[] {
  const anonymous = [...host.anonymousVolumes]
  const mounts = request.volumes.map((volume) => planVolume(volume, host.cwd, anonymous))
  for (const { containerPath, options } of request.tmpfs) {
    mounts.push({
      kind: 'tmpfs',
      source: 'tmpfs',
      destination: absolute(containerPath),
      options: tmpfsOptions(options),
    })
  }
  const said = new Set(mounts.map(({ destination }) => destination))
  if (said.size < mounts.length) throw new UsageError(`plan mounts: ${findDuplicate(mounts)}: mounted twice`)
  if (request.readOnly) {
    for (const destination of WRITABLE_PLACES.filter((place) => !said.has(place))) {
      mounts.push({ kind: 'tmpfs', source: 'tmpfs', destination, options: tmpfsOptions([]) })
    }
  }
  for (const place of Object.keys(config.Volumes ?? {})) {
    if (said.has(absolute(place))) continue
    mounts.push(planVolume({ kind: 'volume', containerPath: place, options: [] }, host.cwd, anonymous))
  }
  return mounts.sort((a, b) => a.destination.split('/').length - b.destination.split('/').length)
}

function planVolume(volume: VolumeRequest, cwd: string, anonymous: string[]): PlannedMount {
  const destination = absolute(volume.containerPath)
  const flags = volume.options.filter((option) => !['z', 'Z', 'copy', 'nocopy', 'rbind', 'bind'].includes(option))
  const propagation = flags.some((flag) => /(private|shared|slave)$/.test(flag)) ? [] : ['rprivate']
  const recursive = volume.options.includes('bind') ? 'bind' : 'rbind'
  const options = [recursive, ...flags, ...propagation]
  if (volume.kind === 'bind') return { kind: 'bind', source: path.resolve(cwd, volume.hostPath), destination, options }
  const volumeName = volume.name ?? anonymous.shift()
  if (volumeName === undefined) throw new Error('planContainer: too few names for anonymous volumes')
  const own = ['nosuid', 'nodev'].filter((flag) => !flags.includes(flag === 'nosuid' ? 'suid' : 'dev'))
  const copyUp = !volume.options.includes('nocopy')
  return {
    kind: 'volume',
    source: '',
    destination,
    options: [...options, ...own],
    volumeName,
    copyUp,
    ...(volume.name === undefined ? { anonymous: true } : {}),
  }
}

/** How many anonymous volumes this request and image can need at most. */
export function countAnonymousVolumes(request: CreateRequest, image: LocalImage): number {
  return request.volumes.length + Object.keys(image.config.config?.Volumes ?? {}).length
}

function tmpfsOptions(options: readonly string[]): string[] {
  const has = (name: string) => options.some((option) => option === name || option.startsWith(`${name}=`))
  const defaults = ['nosuid', 'nodev'].filter((flag) => !has(flag.slice(2)))
  return [...options, ...defaults.filter((flag) => !has(flag)), ...(has('mode') ? [] : ['mode=1777']), 'rprivate']
}

function absolute(containerPath: string): string {
  if (!containerPath.startsWith('/'))
    throw new UsageError(`plan mounts: "${containerPath}": a path inside the container must be absolute`)
  const normal = path.posix.normalize(containerPath)
  if (normal === '/') throw new UsageError('plan mounts: nothing can be mounted over the root of a container')
  return normal.replace(/\/$/, '')
}

function findDuplicate(mounts: readonly PlannedMount[]): string {
  return (
    mounts.find(({ destination }, index) => mounts.findIndex((other) => other.destination === destination) < index)
      ?.destination ?? ''
  )
}
