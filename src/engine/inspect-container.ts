// `inspect` of a container: its plan, its state and where its files are, under podman's JSON names. Only what is known here is told:
// a field that lichen has nothing behind is absent, not zero.

import { readdirSync } from 'node:fs'
import path from 'node:path'
import { findImage } from '../images/image-store.js'
import type { ContainerPlan, ContainerView } from '../model/container.js'
import { NotFoundError } from '../model/errors.js'
import type { Store } from '../platform/store.js'
import { logPath } from '../runtime/words-log.js'
import { containerDir } from '../state/records.js'
import { inspectConfig } from './inspect-config.js'
import { inspectHostConfig } from './inspect-host-config.js'
import { inspectMounts } from './inspect-mounts.js'
import { inspectState } from './inspect-state.js'

/** Neither `none` nor `host` gives a container an address of its own. */
const NO_NETWORK = {
  EndpointID: '',
  Gateway: '',
  IPAddress: '',
  IPPrefixLen: 0,
  IPv6Gateway: '',
  GlobalIPv6Address: '',
  GlobalIPv6PrefixLen: 0,
  MacAddress: '',
  Bridge: '',
  SandboxID: '',
  HairpinMode: false,
  LinkLocalIPv6Address: '',
  LinkLocalIPv6PrefixLen: 0,
  Ports: {},
  SandboxKey: '',
  Networks: {},
} as const

/** `sizes` stand where podman has them: their order is the output's. */
export function inspectContainer(
  store: Store,
  view: ContainerView,
  sizes: Readonly<Record<string, number>> = {},
): Record<string, unknown> {
  const { record } = view
  const { plan } = record
  const dir = containerDir(store.paths, record.id)
  const [command = '', ...args] = plan.process.args
  return {
    Id: record.id,
    Created: record.createdAt,
    Path: command,
    Args: args,
    State: inspectState(view),
    Image: plan.image.id,
    ...toImageDigest(store, plan),
    ImageName: plan.image.name,
    Rootfs: plan.rootfs?.hostPath ?? '',
    Pod: '',
    ResolvConfPath: path.join(dir, 'etc/resolv.conf'),
    HostnamePath: path.join(dir, 'etc/hostname'),
    HostsPath: path.join(dir, 'etc/hosts'),
    StaticDir: dir,
    OCIConfigPath: path.join(dir, 'config.json'),
    OCIRuntime: path.basename(plan.runtime),
    LogPath: logPath(plan, dir) ?? '',
    ConmonPidFile: plan.monitorPidfile ?? '',
    PidFile: plan.pidfile ?? '',
    Name: record.name,
    RestartCount: view.monitor?.restarts ?? 0,
    Driver: plan.storageDriver,
    MountLabel: '',
    ProcessLabel: '',
    AppArmorProfile: plan.apparmor ?? '',
    ...toCapabilities(plan),
    ExecIDs: listExecs(view),
    GraphDriver: toGraphDriver(store, plan, dir),
    ...sizes,
    Mounts: inspectMounts(plan),
    Dependencies: plan.dependencies,
    NetworkSettings: NO_NETWORK,
    Namespace: '',
    IsInfra: false,
    IsService: false,
    Config: inspectConfig(record),
    HostConfig: inspectHostConfig(record, dir),
  }
}

/** Of the manifest; its image may be gone by force. */
function toImageDigest({ paths }: Store, { image: { id } }: ContainerPlan): { readonly ImageDigest: string } {
  try {
    return { ImageDigest: id === '' ? '' : findImage(paths, id).manifestDigest }
  } catch (error) {
    if (error instanceof NotFoundError) return { ImageDigest: '' }
    throw error
  }
}

/** Another user than root holds only what was asked for by name. */
function toCapabilities(plan: ContainerPlan): Record<string, unknown> {
  const [user = ''] = plan.process.user.split(':')
  const isRoot = user === '' || user === 'root' || user === '0'
  const added = plan.capabilities.filter((name) => plan.addedCapabilities.includes(name))
  return { EffectiveCaps: isRoot ? plan.capabilities : added, BoundingCaps: plan.capabilities }
}

/** Of the processes that `exec` has running in it (engine/exec.ts names their files). */
function listExecs({ runDir, monitorAlive }: ContainerView): string[] {
  if (runDir === undefined || !monitorAlive) return []
  return readdirSync(runDir).flatMap((name) => /^exec-([0-9a-f]+)\.json$/.exec(name)?.[1] ?? [])
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
