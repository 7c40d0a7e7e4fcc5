// Decided -> spoken to the OCI runtime: a ContainerPlan and what is known of the host become config.json (runtime-spec 1.0.2). Pure.

import type { ContainerPlan, PlannedMount } from '../model/container.js'
import type { ContainerUser } from './passwd.js'
import type { OciSeccomp } from './seccomp.js'

export interface OciHost {
  readonly rootfs: string
  readonly user: ContainerUser
  /** `none`: no user namespace (root); `single`: only id 0 exists inside. */
  readonly usernsKind: 'none' | 'mapped' | 'single' | 'nested'
  /** How many ids the engine's user namespace has. */
  readonly idCount: number
  readonly seccomp: OciSeccomp | undefined
  /** The same, compiled, in base64. */
  readonly seccompBpf: string | undefined
  /** hosts, hostname, resolv.conf … by container path, already written on the host. */
  readonly files: readonly { readonly hostPath: string; readonly containerPath: string }[]
  /** Whether the runtime may load the filter that forbids other devices than the usual; only root needs one, and needs CAP_SYS_RESOURCE for it. */
  readonly filterDevices: boolean
  /** Device nodes for --privileged. */
  readonly hostDevices: readonly string[]
  /** The C program, mounted as PID 1 for --init. */
  readonly initProgram: string
}

export interface OciMount {
  readonly destination: string
  readonly type: string
  readonly source: string
  readonly options: readonly string[]
}

const INIT_PATH = '/run/.lichen-init'

/** The whole of config.json. */
export function toOciSpec(plan: ContainerPlan, host: OciHost): Record<string, unknown> {
  return {
    ociVersion: '1.0.2',
    process: toOciProcess(plan, host),
    root: { path: host.rootfs, readonly: plan.readOnly },
    ...(canSetHostname(host) ? { hostname: plan.hostname } : {}),
    mounts: toMounts(plan, host),
    ...(host.seccompBpf === undefined ? {} : { annotations: { 'run.oci.seccomp_bpf_data': host.seccompBpf } }),
    linux: {
      namespaces: toNamespaces(plan, host),
      ...toIdMappings(plan, host),
      ...(host.filterDevices && !plan.privileged ? { resources: { devices: [{ allow: false, access: 'rwm' }] } } : {}),

      maskedPaths: plan.maskedPaths,
      readonlyPaths: plan.readonlyPaths,
      ...(host.seccomp === undefined ? {} : { seccomp: host.seccomp }),
      rootfsPropagation: 'rprivate',
    },
  }
}

/** The `process` object, also what `exec` hands to the runtime with other words in it. */
export function toOciProcess(plan: ContainerPlan, host: Pick<OciHost, 'user' | 'usernsKind'>): Record<string, unknown> {
  const { process } = plan
  const env = process.env.some((entry) => entry.startsWith('HOME='))
    ? process.env
    : [...process.env, `HOME=${host.user.home}`]
  return {
    terminal: process.tty,
    user: {
      uid: host.user.uid,
      gid: host.user.gid,
      umask: 0o22,
      ...(host.user.additionalGids.length > 0 && host.usernsKind !== 'single'
        ? { additionalGids: host.user.additionalGids }
        : {}),
    },
    args: plan.init ? [INIT_PATH, 'init', '--', ...process.args] : process.args,
    env: env.some((entry) => entry.startsWith('HOSTNAME=')) ? env : [...env, `HOSTNAME=${plan.hostname}`],
    cwd: process.cwd,
    capabilities: toCapabilities(plan, host.user.uid),
    rlimits: plan.ulimits.map(({ name, soft, hard }) => ({
      type: `RLIMIT_${name.toUpperCase()}`,
      soft: toRlimit(soft),
      hard: toRlimit(hard),
    })),
    noNewPrivileges: plan.noNewPrivileges,
  }
}

/** Another user than root holds nothing until a file gives it something: only the bounding set is theirs (podman, docker). */
function toCapabilities(plan: ContainerPlan, uid: number): Record<string, readonly string[]> {
  const held = uid === 0 || plan.privileged ? plan.capabilities : []
  return { bounding: plan.capabilities, effective: held, permitted: held, inheritable: [], ambient: [] }
}

/** RLIM_INFINITY does not fit a JavaScript number: `serializeSpec` writes the word as 2^64-1. */
function toRlimit(value: number): number | 'infinity' {
  return value < 0 ? 'infinity' : value
}

/** The text of config.json or of exec's process. Inside a JSON string a quote is escaped, so only rlimits' own members can match. */
export function serializeSpec(spec: Record<string, unknown>): string {
  return JSON.stringify(spec).replace(/"(soft|hard)":"infinity"/g, '"$1":18446744073709551615')
}

/** The outer seccomp profile of a nested container forbids sethostname. */
function canSetHostname(host: OciHost): boolean {
  return host.usernsKind !== 'nested'
}

function toNamespaces(plan: ContainerPlan, host: OciHost): { type: string }[] {
  const types = ['pid', 'ipc', 'mount', ...(canSetHostname(host) ? ['uts'] : []), 'cgroup']
  if (plan.network === 'none') types.push('network')
  if (needsOwnUserns(plan, host)) types.push('user')
  return types.map((type) => ({ type }))
}

/** With a single id, another user can only run where its number is the one that is mapped. */
function needsOwnUserns(plan: ContainerPlan, host: OciHost): boolean {
  return (
    plan.userns.mode === 'keep-id' || (host.usernsKind === 'single' && (host.user.uid !== 0 || host.user.gid !== 0))
  )
}

/** Container ids in terms of the engine's namespace, in which the caller is 0 and the subordinate ids follow. */
function toIdMappings(plan: ContainerPlan, host: OciHost): Record<string, unknown> {
  if (!needsOwnUserns(plan, host)) return {}
  if (plan.userns.mode === 'keep-id') {
    return {
      uidMappings: keepIdMap(plan.userns.uid, host.idCount),
      gidMappings: keepIdMap(plan.userns.gid, host.idCount),
    }
  }
  return {
    uidMappings: [{ containerID: host.user.uid, hostID: 0, size: 1 }],
    gidMappings: [{ containerID: host.user.gid, hostID: 0, size: 1 }],
  }
}

/** own -> 0; 0..own-1 -> 1..own; above stay. The same as storage's layer mapping `keep:` makes on disk. */
export function keepIdMap(own: number, idCount: number): { containerID: number; hostID: number; size: number }[] {
  const below = Math.min(own, idCount - 1)
  return [
    { containerID: 0, hostID: 1, size: below },
    { containerID: own, hostID: 0, size: 1 },
    { containerID: own + 1, hostID: own + 1, size: idCount - own - 1 },
  ].filter(({ size }) => size > 0)
}

function toMounts(plan: ContainerPlan, host: OciHost): OciMount[] {
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
