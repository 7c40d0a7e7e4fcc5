// `inspect` of a container: its plan, its state and where its files are, under podman's JSON names. Only what is known here is told:
// a field that lichen has nothing behind is absent, not zero.

import path from 'node:path'
import { DEFAULT_CAPABILITIES } from '../model/capabilities.js'
import type { ContainerPlan, ContainerView } from '../model/container.js'
import type { PlannedMount } from '../model/mounts.js'
import { parseSignal } from '../model/signal.js'
import type { Store } from '../platform/store.js'
import { containerDir } from '../state/records.js'

/** What Go prints for a time that never was; scripts compare with it. */
const NEVER = '0001-01-01T00:00:00Z'
/** The exit code of a container whose monitor was killed is not known. */
const UNKNOWN_EXIT_CODE = -1

export function inspectContainer(store: Store, view: ContainerView): Record<string, unknown> {
  const { record } = view
  const { plan } = record
  const dir = containerDir(store.paths, record.id)
  const [command = '', ...args] = plan.process.args
  return {
    Id: record.id,
    Created: record.createdAt,
    Path: command,
    Args: args,
    State: toState(view),
    Image: plan.image.id,
    ImageName: plan.image.name,
    ResolvConfPath: path.join(dir, 'etc/resolv.conf'),
    HostnamePath: path.join(dir, 'etc/hostname'),
    HostsPath: path.join(dir, 'etc/hosts'),
    StaticDir: dir,
    OCIConfigPath: path.join(dir, 'config.json'),
    OCIRuntime: path.basename(plan.runtime),
    LogPath: path.join(dir, 'ctr.log'),
    Name: record.name,
    RestartCount: 0,
    Driver: plan.storageDriver,
    EffectiveCaps: plan.capabilities,
    BoundingCaps: plan.capabilities,
    GraphDriver: toGraphDriver(store, plan, dir),
    Mounts: plan.mounts.filter(({ kind }) => kind !== 'tmpfs').map(toInspectMount),
    // neither `none` nor `host` gives a container an address of its own
    NetworkSettings: { IPAddress: '', Ports: {}, Networks: {} },
    Config: toConfig(plan),
    HostConfig: toHostConfig(plan, { dir, autoRemove: record.removeOnExit }),
  }
}

function toState({ status, exit, monitor, monitorAlive }: ContainerView): Record<string, unknown> {
  const isRunning = status === 'running'
  return {
    Status: status,
    Running: isRunning,
    Paused: false,
    Pid: isRunning ? monitor?.containerPid : 0,
    ...(isRunning && monitorAlive ? { ConmonPid: monitor?.monitorPid } : {}),
    ...(isRunning && !monitorAlive
      ? { Error: 'the monitor was killed: the exit code will not be known' }
      : { Error: '' }),
    ExitCode: exit?.exitCode ?? (status === 'exited' ? UNKNOWN_EXIT_CODE : 0),
    // null: it ended and no memory controller could tell
    OOMKilled: exit === undefined ? false : exit.oomKilled,
    StartedAt: monitor?.startedAt ?? NEVER,
    FinishedAt: exit?.finishedAt ?? NEVER,
  }
}

function toGraphDriver(store: Store, plan: ContainerPlan, dir: string): Record<string, unknown> {
  const merged = path.join(dir, 'merged')
  if (plan.storageDriver === 'copy') return { Name: plan.storageDriver, Data: { MergedDir: merged } }
  return {
    Name: plan.storageDriver,
    Data: {
      LowerDir: plan.layers.map((layer) => path.join(store.paths.layers, layer, 'diff')).join(':'),
      MergedDir: merged,
      UpperDir: path.join(dir, 'upper'),
      WorkDir: path.join(dir, 'work'),
    },
  }
}

function toInspectMount({ kind, source, destination, options, volumeName }: PlannedMount): Record<string, unknown> {
  const isPropagation = (option: string) => /(private|shared|slave)$/.test(option)
  return {
    Type: kind,
    ...(volumeName === undefined ? {} : { Name: volumeName }),
    Source: source,
    Destination: destination,
    Driver: kind === 'volume' ? 'local' : '',
    Mode: '',
    Options: options.filter((option) => option !== 'ro' && option !== 'rw' && !isPropagation(option)),
    RW: !options.includes('ro'),
    Propagation: options.find(isPropagation) ?? '',
  }
}

function toConfig(plan: ContainerPlan): Record<string, unknown> {
  const { process } = plan
  return {
    Hostname: plan.hostname,
    User: process.user,
    Tty: process.tty,
    OpenStdin: process.openStdin,
    Env: process.env,
    Cmd: process.args,
    Image: plan.image.name,
    WorkingDir: process.cwd,
    Labels: plan.labels,
    StopSignal: parseSignal(plan.stopSignal),
    StopTimeout: plan.stopTimeoutS,
  }
}

interface HostConfigInput {
  readonly dir: string
  readonly autoRemove: boolean
}

function toHostConfig(plan: ContainerPlan, { dir, autoRemove }: HostConfigInput): Record<string, unknown> {
  const securityOpt = [
    ...(plan.seccomp === 'default' ? [] : [`seccomp=${plan.seccomp}`]),
    ...(plan.noNewPrivileges ? ['no-new-privileges'] : []),
  ]
  const tmpfs = plan.mounts.filter(({ kind }) => kind === 'tmpfs')
  return {
    Binds: plan.mounts
      .filter(({ kind }) => kind !== 'tmpfs')
      .map(
        ({ source, volumeName, destination, options }) => `${volumeName ?? source}:${destination}:${options.join(',')}`,
      ),
    LogConfig: { Type: 'k8s-file', Path: path.join(dir, 'ctr.log') },
    NetworkMode: plan.network,
    AutoRemove: autoRemove,
    CapAdd: plan.capabilities.filter((name) => !DEFAULT_CAPABILITIES.includes(name)),
    CapDrop: DEFAULT_CAPABILITIES.filter((name) => !plan.capabilities.includes(name)),
    Init: plan.init,
    Privileged: plan.privileged,
    ReadonlyRootfs: plan.readOnly,
    SecurityOpt: securityOpt,
    Tmpfs: Object.fromEntries(tmpfs.map(({ destination, options }) => [destination, options.join(',')])),
    Ulimits: plan.ulimits.map(({ name, soft, hard }) => ({
      Name: `RLIMIT_${name.toUpperCase()}`,
      Soft: soft,
      Hard: hard,
    })),
    UsernsMode: plan.userns.mode === 'keep-id' ? 'keep-id' : '',
    Runtime: path.basename(plan.runtime),
  }
}
