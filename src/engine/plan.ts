// Said -> decided: a CreateRequest, the image's config and the host's facts become a ContainerPlan. Pure; touches no disk.
// The image's defaults follow OCI image-spec config.md, the rest podman-run(1).

import path from 'node:path'
import { DEFAULT_CAPABILITIES, resolveCapabilities } from '../model/capabilities.js'
import type { ContainerPlan, NetworkMode, StorageDriver, UsernsPlan } from '../model/container.js'
import { UsageError } from '../model/errors.js'
import type { LocalImage } from '../model/image.js'
import type { CreateRequest } from '../model/run-request.js'
import { formatSignal, parseSignal } from '../model/signal.js'
import { type MountHost, planMounts } from './plan-mounts.js'
import { planProcess } from './plan-process.js'

/** What the planner must know of the machine and of this container; all of it found out before. */
export interface PlanHost extends MountHost {
  readonly id: string
  readonly uid: number
  readonly gid: number
  readonly hostname: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** Ids beside the caller's own exist: keep-id and other users are possible. */
  readonly hasManyIds: boolean
  readonly storageDriver: StorageDriver
  readonly layers: readonly string[]
  readonly runtime: string
  /** What can be given at all: everything inside a user namespace, else what we have ourselves. */
  readonly availableCapabilities: readonly string[]
}

/** The default of `--network`, until there are drivers that isolate and still reach other machines: the caller's own network. */
export const DEFAULT_NETWORK: NetworkMode = 'host'

const DEFAULT_STOP_TIMEOUT_S = 10
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
