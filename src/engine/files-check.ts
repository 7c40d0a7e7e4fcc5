// What a container's mounts, devices and rootfs need of the host, told before anything is made: in the user's words now, not by the runtime later.

import { accessSync, constants, type Stats, statSync } from 'node:fs'
import type { ContainerPlan } from '../model/container.js'
import { errorCode, HostError, NotFoundError, UsageError } from '../model/errors.js'
import type { PlannedMount } from '../model/mounts.js'
import type { Engine } from './engine.js'

/** Throws NotFoundError, HostError, UsageError. */
export function checkFiles(store: Engine, plan: ContainerPlan): void {
  if (plan.rootfs !== undefined) checkRootfs(plan.rootfs.hostPath)
  for (const mount of plan.mounts) {
    if (mount.options.some((it) => it.startsWith('idmap'))) checkIdmap(store, mount, plan)
    checkPropagation(store, mount)
    checkSource(mount)
  }
  if (store.userns.kind === 'none') return
  if (plan.deviceRules.length > 0)
    throw new UsageError(
      'allow devices: --device-cgroup-rule: not without root: there is no filter that could let them through',
    )
  for (const { hostPath } of plan.devices) {
    if (mayOpen(hostPath)) continue
    store.report.onNote(`Warning: add device: ${hostPath}: you may not open it, and so may nobody in the container`)
  }
}

function checkRootfs(hostPath: string): void {
  if (statSource(hostPath, 'use rootfs').isDirectory()) return
  throw new UsageError(`use rootfs: ${hostPath}: not a directory`)
}

function checkSource({ kind, source, destination, volumeName, upper, work }: PlannedMount): void {
  if ((kind !== 'bind' && kind !== 'overlay') || volumeName !== undefined) return
  const stat = statSource(source, 'mount volume')
  if (kind === 'overlay' && !stat.isDirectory())
    throw new UsageError(`mount volume: ${source}: not a directory: only those can be mounted with O`)
  for (const dir of [upper, work]) if (dir !== undefined) statSource(dir, 'mount volume')
  if (!mayRead(source))
    throw new HostError(`mount volume: ${source} at ${destination}: not readable for you`, {
      hint: `ls -ld ${source} shows who may read it`,
    })
}

/** The kernel lets only who owns a file system's super block show it with other ids: on the host that is root. */
function checkIdmap(store: Engine, { options, destination }: PlannedMount, { userns }: ContainerPlan): void {
  if (store.userns.kind !== 'none')
    throw new HostError(`mount volume: ${destination}: idmap: the kernel takes it from root only`, {
      hint: '--userns keep-id makes files of yours yours inside, :U gives them to the container',
    })
  if (options.includes('idmap') && userns.mode === 'shared')
    throw new UsageError(`mount volume: ${destination}: idmap: the container has no ids of its own to map to`, {
      hint: 'add --userns auto, or --uidmap and --gidmap',
    })
}

/** A container's mounts live in a mount namespace that takes from the host's and gives nothing back. */
function checkPropagation(store: Engine, { options, destination }: PlannedMount): void {
  const shared = options.find((it) => it === 'shared' || it === 'rshared')
  // for an unprivileged user no engine's mounts reach the host, and those of this one are as shared inside as any
  if (shared === undefined || store.userns.kind !== 'none') return
  throw new HostError(
    `mount volume: ${destination}: ${shared}: what is mounted in the container cannot reach the host`,
    {
      hint: 'rslave shows the container what is mounted on the host',
    },
  )
}

function statSource(source: string, verb: string): Stats {
  try {
    return statSync(source)
  } catch (cause) {
    const code = errorCode(cause)
    if (code === 'ENOENT')
      throw new NotFoundError(`${verb}: ${source}: no such file or directory`, {
        cause,
        hint: `create it first: mkdir -p ${source}`,
      })
    throw new HostError(`${verb}: ${source}: not readable for you (${code})`, {
      cause,
      hint: `ls -ld ${source} shows who may read it`,
    })
  }
}

const mayRead = (file: string): boolean => may(file, constants.R_OK)
const mayOpen = (file: string): boolean => may(file, constants.R_OK) || may(file, constants.W_OK)

function may(file: string, access: number): boolean {
  try {
    accessSync(file, access)
    return true
  } catch {
    return false // whatever the reason: it will not be opened
  }
}
