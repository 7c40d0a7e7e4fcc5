// The parts of `inspect` about a container's files, under podman's JSON names.

import type { ContainerPlan } from '../model/container.js'
import type { PlannedMount } from '../model/mounts.js'

const isPropagation = (option: string): boolean => /^r?(private|shared|slave|unbindable)$/.test(option)
const isMemory = ({ kind }: PlannedMount): boolean => kind === 'tmpfs' || kind === 'ramfs'

/** What was asked for; not what every container has, nor memory, which HostConfig tells. */
export function inspectMounts({ mounts }: ContainerPlan): Record<string, unknown>[] {
  return mounts.filter((mount) => !isMemory(mount)).map(toMount)
}

/** HostConfig's words for the same. */
export function inspectHostFiles(plan: ContainerPlan): Record<string, unknown> {
  const { mounts } = plan
  return {
    Binds: mounts.filter(({ kind }) => kind === 'bind' || kind === 'volume' || kind === 'overlay').map(toBind),
    Tmpfs: Object.fromEntries(mounts.filter(isMemory).map((it) => [it.destination, it.options.join(',')])),
    VolumesFrom: plan.volumesFrom.length === 0 ? null : plan.volumesFrom,
    ReadonlyRootfs: plan.readOnly,
    ShmSize: plan.shmSizeBytes,
    Devices: plan.devices.map(({ hostPath, containerPath, access }) => ({
      PathOnHost: hostPath,
      PathInContainer: containerPath,
      CgroupPermissions: access,
    })),
    DeviceCgroupRules: plan.deviceRules.map(({ type, major = '*', minor = '*', access }) => {
      return `${type} ${major}:${minor} ${access}`
    }),
  }
}

/** Config's: secrets as files. Those that are variables are told nowhere, as with podman. */
export function inspectSecrets({ secrets }: ContainerPlan): Record<string, unknown>[] {
  return secrets
    .filter(({ type }) => type === 'mount')
    .map(({ id, name, uid, gid, mode }) => ({ Name: name, ID: id, UID: uid, GID: gid, Mode: mode }))
}

function toMount({ kind, source, destination, options, volumeName, subpath }: PlannedMount): Record<string, unknown> {
  return {
    Type: kind === 'overlay' || kind === 'devpts' ? 'bind' : kind,
    ...(volumeName === undefined ? {} : { Name: volumeName }),
    Source: source,
    Destination: destination,
    Driver: kind === 'volume' ? 'local' : '',
    Mode: '',
    Options: options.filter((option) => option !== 'ro' && option !== 'rw' && !isPropagation(option)),
    RW: !options.includes('ro'),
    Propagation: options.find(isPropagation) ?? '',
    ...(subpath === undefined ? {} : { SubPath: subpath }),
  }
}

function toBind({ kind, source, volumeName, destination, options }: PlannedMount): string {
  const words = kind === 'overlay' ? ['O', ...options] : options
  return `${volumeName ?? source}:${destination}:${words.join(',')}`
}
