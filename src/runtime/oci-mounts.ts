// The mounts of config.json: what every container has, the small files written for it, and those of its plan (runtime-spec config.md, Mounts). Pure.

import type { ContainerPlan } from '../model/container.js'
import type { PlannedMount } from '../model/mounts.js'
import { INIT_PATH, type OciHost } from './oci-host.js'

export interface OciMount {
  readonly destination: string
  readonly type: string
  readonly source: string
  readonly options: readonly string[]
}

export function toMounts(plan: ContainerPlan, host: OciHost): OciMount[] {
  const own = new Set(plan.mounts.map(({ destination }) => destination))
  const files = host.files
    .filter(({ containerPath }) => !own.has(containerPath))
    .map(({ hostPath, containerPath }) => bind(hostPath, containerPath, ['rbind', 'rprivate', 'nosuid', 'nodev']))
  const devices = host.hostDevices.map((device) => bind(device, device, ['bind', 'rprivate', 'nosuid', 'noexec']))
  const init = plan.init ? [bind(host.initProgram, INIT_PATH, ['bind', 'ro', 'rprivate', 'nosuid', 'nodev'])] : []
  return [
    ...systemMounts(plan, host).filter(({ destination }) => !own.has(destination)),
    ...files,
    ...devices,
    ...init,
    ...plan.mounts.map(toMount),
  ]
}

function systemMounts(plan: ContainerPlan, host: OciHost): OciMount[] {
  const ro = plan.privileged ? [] : ['ro']
  // without a network namespace of one's own the kernel refuses a new sysfs; without more than one id there is no group tty
  const ownSysfs = plan.network !== 'host' || host.usernsKind === 'none'
  const ttyGroup = host.usernsKind === 'single' ? [] : ['gid=5']
  return [
    host.usernsKind === 'nested'
      ? bind('/proc', '/proc', ['rbind'])
      : { destination: '/proc', type: 'proc', source: 'proc', options: ['nosuid', 'noexec', 'nodev'] },
    {
      destination: '/dev',
      type: 'tmpfs',
      source: 'tmpfs',
      options: ['nosuid', 'strictatime', 'mode=755', 'size=65536k'],
    },
    {
      destination: '/dev/pts',
      type: 'devpts',
      source: 'devpts',
      options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', ...ttyGroup],
    },
    { destination: '/dev/mqueue', type: 'mqueue', source: 'mqueue', options: ['nosuid', 'noexec', 'nodev'] },
    {
      destination: '/dev/shm',
      type: 'tmpfs',
      source: 'shm',
      options: ['nosuid', 'noexec', 'nodev', 'mode=1777', 'size=65536k'],
    },
    ownSysfs
      ? { destination: '/sys', type: 'sysfs', source: 'sysfs', options: ['nosuid', 'noexec', 'nodev', ...ro] }
      : bind('/sys', '/sys', ['rbind', 'rprivate', 'nosuid', 'noexec', 'nodev', ...ro]),
    {
      destination: '/sys/fs/cgroup',
      type: 'cgroup',
      source: 'cgroup',
      options: ['rprivate', 'nosuid', 'noexec', 'nodev', 'relatime', ...ro],
    },
  ]
}

function toMount({ kind, source, destination, options }: PlannedMount): OciMount {
  return kind === 'tmpfs' ? { destination, type: 'tmpfs', source, options } : bind(source, destination, options)
}

function bind(source: string, destination: string, options: readonly string[]): OciMount {
  return { destination, type: 'bind', source, options }
}
