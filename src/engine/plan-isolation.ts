// What a container shares with the host and what it may do: namespaces, capabilities, seccomp, masked paths. Pure. podman-run(1).

import path from 'node:path'
import { DEFAULT_CAPABILITIES, resolveCapabilities } from '../model/capabilities.js'
import type { ContainerRecord } from '../model/container.js'
import { UsageError } from '../model/errors.js'
import type { IsolationPlan } from '../model/isolation.js'
import type { CreateRequest } from '../model/run-request.js'
import { matchesPath } from './path-pattern.js'
import { planNamespaces, planSysctls } from './plan-namespaces.js'
import type { DecidedUserns } from './plan-userns.js'

/** What must be known of the machine and of this container. */
export interface IsolationHost extends DecidedUserns {
  readonly id: string
  readonly cwd: string
  readonly hostname: string
  /** What can be given at all: everything inside a user namespace, else what we have ourselves. */
  readonly availableCapabilities: readonly string[]
  /** Containers whose namespaces are joined, by what they were called. */
  readonly joined: ReadonlyMap<string, ContainerRecord>
}

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
  const { namespaces, network, hostname } = planNamespaces(request, host)
  const { unmask = [], mask = [], apparmor, procOptions = [] } = request.security
  const keep = (paths: readonly string[]) =>
    request.privileged || unmask.includes('ALL')
      ? []
      : paths.filter((entry) => !unmask.some((pattern) => matchesPath(entry, pattern)))
  return {
    hostname,
    ...(request.domainname === undefined ? {} : { domainname: request.domainname }),
    noHostname: request.noHostname,
    privileged: request.privileged,
    ...planCapabilities(request, host.availableCapabilities),
    noNewPrivileges: request.security.noNewPrivileges ?? false,
    seccomp: planSeccomp(request, host.cwd),
    // unconfined is what a container is anyway when nothing is said
    ...(apparmor === undefined || apparmor === 'unconfined' ? {} : { apparmor }),
    maskedPaths: [...keep(MASKED_PATHS), ...mask],
    readonlyPaths: keep(READONLY_PATHS),
    procOptions,
    namespaces,
    network,
    userns: host.userns,
    ...(host.usernsOf === undefined ? {} : { usernsOf: host.usernsOf }),
    sysctls: planSysctls(request, { namespaces, network }),
    chrootDirs: request.chrootDirs.map((dir) => path.posix.normalize(dir).replace(/\/$/, '')),
  }
}

function planCapabilities(
  request: CreateRequest,
  available: readonly string[],
): Pick<IsolationPlan, 'capabilities' | 'addedCapabilities'> {
  const base = request.privileged ? available : DEFAULT_CAPABILITIES
  const capabilities = resolveCapabilities({ base, all: available }, request.capAdd, request.capDrop)
  const lacking = capabilities.find((name) => !available.includes(name))
  if (lacking === undefined) {
    const isAdded = (name: string) => request.capAdd.includes(name) || request.capAdd.includes('ALL')
    return { capabilities, addedCapabilities: capabilities.filter(isAdded) }
  }
  throw new UsageError(`give capability: ${lacking}: you do not have it yourself`, {
    hint: `leave it out, or add --cap-drop ${lacking}`,
  })
}

function planSeccomp(request: CreateRequest, cwd: string): string {
  const { seccomp } = request.security
  if (seccomp !== undefined) return seccomp === 'unconfined' ? 'unconfined' : path.resolve(cwd, seccomp)
  if (request.seccompPolicy === 'image') return 'image'
  return request.privileged ? 'unconfined' : 'default'
}
