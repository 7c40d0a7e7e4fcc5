// Devices a request names: that they exist, which nodes a directory holds, what the Container Device Interface says of a name.

import { type Dirent, readdirSync, type Stats, statSync } from 'node:fs'
import path from 'node:path'
import type { DeviceRequest, PlannedDevice } from '../model/devices.js'
import { errorCode, HostError, NotFoundError, UsageError } from '../model/errors.js'
import { findCdiDevice } from './cdi.js'
import type { MountSources } from './mount-sources.js'

const DEFAULT_ACCESS = 'rwm'

type FoundDevices = Pick<MountSources, 'devices' | 'cdiMounts' | 'cdiEnv'>

/** Throws NotFoundError for a device that is not there, UsageError for what is none. */
export function findDevices(requests: readonly DeviceRequest[]): FoundDevices {
  const found = requests.map((request): FoundDevices => {
    if (request.kind === 'cdi') return findCdiDevice(request.name)
    return { devices: findNodes(request), cdiMounts: [], cdiEnv: [] }
  })
  return {
    devices: found.flatMap(({ devices }) => devices),
    cdiMounts: found.flatMap(({ cdiMounts }) => cdiMounts),
    cdiEnv: found.flatMap(({ cdiEnv }) => cdiEnv),
  }
}

function findNodes(request: Extract<DeviceRequest, { kind: 'path' }>): PlannedDevice[] {
  const { hostPath, containerPath = hostPath, access = DEFAULT_ACCESS } = request
  const stat = statDevice(hostPath)
  if (stat.isCharacterDevice() || stat.isBlockDevice()) return [{ hostPath, containerPath, access }]
  if (!stat.isDirectory()) throw new UsageError(`add device: ${hostPath}: not a device node`)
  const nodes = listNodes(hostPath).map((node) => ({
    hostPath: node,
    containerPath: path.join(containerPath, path.relative(hostPath, node)),
    access,
  }))
  if (nodes.length === 0) throw new UsageError(`add device: no devices found in ${hostPath}`)
  return nodes
}

function statDevice(hostPath: string): Stats {
  try {
    return statSync(hostPath)
  } catch (cause) {
    if (errorCode(cause) === 'ENOENT')
      throw new NotFoundError(`add device: stat ${hostPath}: no such file or directory`, { cause })
    throw new HostError(`add device: ${hostPath}: ${errorCode(cause)}`, { cause })
  }
}

/** Those directly in it and below, as far as we may look. */
function listNodes(dir: string): string[] {
  return listEntries(dir).flatMap((entry) => {
    const file = path.join(dir, entry.name)
    if (entry.isDirectory()) return listNodes(file)
    return entry.isCharacterDevice() || entry.isBlockDevice() ? [file] : []
  })
}

function listEntries(dir: string): Dirent[] {
  try {
    return readdirSync(dir, { withFileTypes: true })
  } catch (error) {
    if (errorCode(error) === 'EACCES') return []
    throw error
  }
}
