// The file systems of the kernel that every container has, as its namespaces allow them; and what systemd wants beside them. Pure.

import type { ContainerPlan } from '../model/container.js'
import type { OciHost } from './oci-host.js'
import type { OciMount } from './oci-mounts.js'
import { whoseNamespace } from './oci-namespaces.js'

export function systemMounts(plan: ContainerPlan, host: OciHost): OciMount[] {
  const devAccess = plan.readOnly && !plan.readOnlyTmpfs ? ['ro'] : []
  // without more than one id there is no group tty
  const ttyGroup = host.usernsKind === 'single' ? [] : ['gid=5']
  return [
    procMount(plan, host),
    {
      destination: '/dev',
      type: 'tmpfs',
      source: 'tmpfs',
      options: [...devAccess, 'nosuid', 'strictatime', 'mode=755', 'size=65536k'],
    },
    {
      destination: '/dev/pts',
      type: 'devpts',
      source: 'devpts',
      options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', ...ttyGroup],
    },
    ...ipcMounts(plan, host, devAccess),
    sysMount(plan, host),
    cgroupMount(plan),
    ...(plan.systemd ? systemdMounts(plan) : []),
  ]
}

/** Only who owns a process namespace may mount its /proc: the host's is bound instead. */
function procMount(plan: ContainerPlan, host: OciHost): OciMount {
  const isHosts = whoseNamespace(plan, host, 'pid') === 'host' && host.usernsKind !== 'none'
  return host.usernsKind === 'nested' || isHosts
    ? bind('/proc', '/proc', ['rbind', 'rprivate', 'nosuid', 'noexec', 'nodev'])
    : {
        destination: '/proc',
        type: 'proc',
        source: 'proc',
        options: ['nosuid', 'noexec', 'nodev', ...plan.procOptions],
      }
}

/** Queues and shared memory: files of the namespace of the same name. */
function ipcMounts(plan: ContainerPlan, host: OciHost, devAccess: readonly string[]): OciMount[] {
  const isHosts = whoseNamespace(plan, host, 'ipc') === 'host'
  const queues = isHosts && host.usernsKind !== 'none' ? hostQueues(host) : [QUEUES]
  if (plan.namespaces.ipc === 'none') return queues
  const shared = isHosts ? '/dev/shm' : host.sharedMemory
  if (shared !== undefined)
    return [...queues, bind(shared, '/dev/shm', ['rbind', 'rprivate', 'nosuid', 'noexec', 'nodev'])]
  const size = `size=${plan.shmSizeBytes}`
  return [
    ...queues,
    {
      destination: '/dev/shm',
      type: 'tmpfs',
      source: 'shm',
      options: [...devAccess, 'nosuid', 'noexec', 'nodev', 'mode=1777', size],
    },
  ]
}

const QUEUES: OciMount = {
  destination: '/dev/mqueue',
  type: 'mqueue',
  source: 'mqueue',
  options: ['nosuid', 'noexec', 'nodev'],
}

/** They cannot be mounted anew by who does not own them, and not every host has them mounted. */
function hostQueues({ hasHostQueues }: OciHost): OciMount[] {
  if (!hasHostQueues) return []
  return [bind('/dev/mqueue', '/dev/mqueue', ['rbind', 'rprivate', 'nosuid', 'noexec', 'nodev'])]
}

/** The kernel gives a new sysfs only to who owns the network namespace it shows. */
function sysMount(plan: ContainerPlan, host: OciHost): OciMount {
  const ro = plan.privileged ? [] : ['ro']
  const network = whoseNamespace(plan, host, 'network')
  const user = whoseNamespace(plan, host, 'user')
  // one that both are of the same other container is as much its own as ours
  const isOwn = network === 'own' || (network !== 'host' && (user === 'host' || plan.network === plan.usernsOf))
  return isOwn || (user === 'host' && host.usernsKind === 'none')
    ? { destination: '/sys', type: 'sysfs', source: 'sysfs', options: ['nosuid', 'noexec', 'nodev', ...ro] }
    : bind('/sys', '/sys', ['rbind', 'rprivate', 'nosuid', 'noexec', 'nodev', ...ro])
}

/** systemd makes groups of its own below the container's. */
function cgroupMount(plan: ContainerPlan): OciMount {
  const ro = plan.privileged || plan.systemd ? [] : ['ro']
  const options = ['rprivate', 'nosuid', 'noexec', 'nodev', 'relatime', ...ro]
  return { destination: '/sys/fs/cgroup', type: 'cgroup', source: 'cgroup', options }
}

/** systemd.io, Container interface: file systems that it must find mounted, writable and empty. */
function systemdMounts({ shmSizeSystemdBytes: bytes }: ContainerPlan): OciMount[] {
  const size = bytes === undefined ? [] : [`size=${bytes}`]
  return ['/run', '/run/lock', '/tmp', '/var/log/journal'].map((destination) => ({
    destination,
    type: 'tmpfs',
    source: 'tmpfs',
    options: ['rw', 'rprivate', 'nosuid', 'nodev', ...size, ...(destination === '/run' ? ['tmpcopyup'] : [])],
  }))
}

export function bind(source: string, destination: string, options: readonly string[]): OciMount {
  return { destination, type: 'bind', source, options }
}
