// What a container shares with the host and what it may do: namespaces, capabilities, seccomp, masked paths. Pure. podman-run(1).

import path from 'node:path'
import { DEFAULT_CAPABILITIES, resolveCapabilities } from '../model/capabilities.js'
import { UsageError } from '../model/errors.js'
import type { IsolationPlan, NetworkMode, UsernsPlan } from '../model/isolation.js'
import type { CreateRequest } from '../model/run-request.js'

/** What must be known of the machine and of this container. */
export interface IsolationHost {
  readonly id: string
  readonly uid: number
  readonly gid: number
  readonly cwd: string
  readonly hostname: string
  /** Ids beside the caller's own exist: keep-id and other users are possible. */
  readonly hasManyIds: boolean
  /** What can be given at all: everything inside a user namespace, else what we have ourselves. */
  readonly availableCapabilities: readonly string[]
}

/** The default of `--network`, until there are drivers that isolate and still reach other machines: the caller's own network. */
export const DEFAULT_NETWORK: NetworkMode = 'host'

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

export function planIsolation(request: CreateRequest, host: IsolationHost): IsolationPlan {
  const network = request.network?.mode ?? DEFAULT_NETWORK
  const unmask = request.security.unmask ?? []
  const keep = (paths: readonly string[]) =>
    request.privileged || unmask.includes('ALL') ? [] : paths.filter((entry) => !unmask.includes(entry))
  return {
    hostname: request.hostname ?? (network === 'host' ? host.hostname : host.id.slice(0, 12)),
    privileged: request.privileged,
    capabilities: planCapabilities(request, host.availableCapabilities),
    noNewPrivileges: request.security.noNewPrivileges ?? false,
    seccomp: planSeccomp(request, host.cwd),
    maskedPaths: [...keep(MASKED_PATHS), ...(request.security.mask ?? [])],
    readonlyPaths: keep(READONLY_PATHS),
    network,
    userns: planUserns(request, host),
  }
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

function planUserns(request: CreateRequest, host: IsolationHost): UsernsPlan {
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
