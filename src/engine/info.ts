// `info`: what this host can do, where things are, and what lichen chose here and why. Under podman's names where podman has them.

import { statfsSync } from 'node:fs'
import { listStoredImages } from '../images/image-store.js'
import { readFileIfExists } from '../platform/files.js'
import { findProgram, readMachine } from '../platform/host-facts.js'
import { runTool } from '../platform/process.js'
import type { UserNamespace } from '../platform/userns.js'
import { findRuntime } from '../runtime/find-runtime.js'
import { chooseDriver, probeHost } from '../storage/driver.js'
import type { Engine } from './engine.js'
import { findHome } from './limits-check.js'
import { DEFAULT_NETWORK } from './plan-namespaces.js'
import { listContainers } from './ps.js'

export async function readInfo(engine: Engine): Promise<Record<string, unknown>> {
  const probe = await probeHost(engine)
  return {
    host: {
      ...readHost(engine),
      cgroupVersion: probe.cgroup,
      ...readCgroups(engine),
      logDriver: 'k8s-file',
      devices: { fuse: probe.fuseOverlayfs, tun: probe.tun },
      ociRuntime: await readRuntime(engine),
    },
    store: await readStore(engine),
    network: {
      default: DEFAULT_NETWORK,
      modes: ['none', 'host'],
      because:
        'host is the only one of these that reaches other machines; the container shares your own network, ports and loopback',
    },
  }
}

/** How groups are made for containers, and what can be limited in them. */
function readCgroups(engine: Engine): Record<string, unknown> {
  const home = findHome(engine, { cgroups: 'enabled' })
  switch (home.version) {
    case 0:
      return { cgroupManager: 'disabled', cgroupControllers: [] }
    case 1:
      return { cgroupManager: 'cgroupfs', cgroupControllers: [...home.parents.keys()] }
    case 2:
      return { cgroupManager: home.manager, cgroupControllers: [...home.controllers] }
  }
}

function readHost({ facts, userns }: Engine): Record<string, unknown> {
  const machine = readMachine()
  const release = Object.fromEntries(
    (readFileIfExists('/etc/os-release') ?? '').split('\n').map((line) => line.replaceAll('"', '').split('=')),
  )
  return {
    arch: machine.arch,
    cpus: machine.cpus,
    distribution: { distribution: release.ID, version: release.VERSION_ID },
    hostname: facts.hostname,
    kernel: facts.kernelRelease,
    memTotal: machine.memTotalBytes,
    memFree: machine.memFreeBytes,
    uptimeSeconds: Math.floor(machine.uptimeS),
    os: 'linux',
    security: { rootless: userns.kind !== 'none', seccompEnabled: true },
    idMappings: readIdMappings(userns),
  }
}

function readIdMappings(userns: UserNamespace): Record<string, unknown> {
  const toRow = ({ inside, outside, count }: UserNamespace['uidMap'][number]) => ({
    container_id: inside,
    host_id: outside,
    size: count,
  })
  return {
    kind: userns.kind,
    uidmap: userns.uidMap.map(toRow),
    gidmap: userns.gidMap.map(toRow),
    ...(userns.singleBecause === undefined
      ? {}
      : {
          because: userns.singleBecause,
          hint: 'sudo apt-get install uidmap && sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 $USER',
        }),
  }
}

async function readRuntime({ facts, runtime }: Engine): Promise<Record<string, unknown>> {
  const found = findRuntime(facts, runtime)
  return { name: found.kind, path: found.path, version: (await runTool([found.path, '--version'])).trim() }
}

async function readStore(engine: Engine): Promise<Record<string, unknown>> {
  const { paths } = engine
  const { driver, because } = await chooseDriver(engine)
  const containers = await listContainers(engine)
  const running = containers.filter(({ status }) => status === 'running').length
  const space = statfsSync(paths.root)
  return {
    graphDriverName: driver,
    ...(because === undefined ? {} : { graphDriverBecause: because }),
    fuseOverlayfs: findProgram('fuse-overlayfs', engine.facts.env) ?? '',
    graphRoot: paths.root,
    runRoot: paths.runroot,
    volumePath: paths.volumes,
    graphRootAllocated: space.blocks * space.bsize,
    graphRootFree: space.bavail * space.bsize,
    containerStore: { number: containers.length, running, stopped: containers.length - running },
    imageStore: { number: listStoredImages(paths).length },
  }
}
