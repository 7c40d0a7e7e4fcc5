// The Container Device Interface (cncf-tags/container-device-interface, SPEC.md): vendors describe in JSON files what a device needs in a
// container: nodes, mounts, variables. Hooks, programs of the vendor's that would run on the host, are refused by name.

import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'
import type { PlannedDevice } from '../model/devices.js'
import { BadInputError, HostError, NotFoundError } from '../model/errors.js'
import type { PlannedMount } from '../model/mounts.js'
import { readFileIfExists } from '../platform/files.js'
import type { MountSources } from './mount-sources.js'

/** Later ones win, as the specification says. */
const DIRECTORIES = ['/etc/cdi', '/var/run/cdi', '/run/cdi']

interface CdiEdits {
  readonly env?: readonly string[]
  readonly deviceNodes?: readonly { readonly path: string; readonly hostPath?: string; readonly permissions?: string }[]
  readonly mounts?: readonly {
    readonly hostPath: string
    readonly containerPath: string
    readonly options?: readonly string[]
  }[]
  readonly hooks?: readonly { readonly hookName: string; readonly path: string }[]
}

interface CdiFile {
  readonly cdiVersion: string
  readonly kind: string
  readonly devices?: readonly { readonly name: string; readonly containerEdits?: CdiEdits }[]
  readonly containerEdits?: CdiEdits
}

/** Throws NotFoundError when no file knows the name, HostError when the device needs what cannot be done here. */
export function findCdiDevice(
  name: string,
  directories: readonly string[] = DIRECTORIES,
): Pick<MountSources, 'devices' | 'cdiMounts' | 'cdiEnv'> {
  const [kind, device] = name.split('=')
  for (const file of listFiles(directories, '.json').reverse()) {
    const spec = readSpec(file)
    const found = spec.kind === kind ? spec.devices?.find((it) => it.name === device) : undefined
    if (found !== undefined) return applyEdits([spec.containerEdits ?? {}, found.containerEdits ?? {}], { name, file })
  }
  const others = [...listFiles(directories, '.yaml'), ...listFiles(directories, '.yml')]
  throw new NotFoundError(`setting up CDI devices: unresolvable CDI devices ${name}`, {
    hint:
      others[0] === undefined
        ? `no JSON file in ${directories.join(' or ')} describes it`
        : `only JSON is read, and ${others[0]} is YAML: nvidia-ctk cdi generate --format=json --output=/etc/cdi/nvidia.json`,
  })
}

function listFiles(directories: readonly string[], extension: string): string[] {
  const dirs = directories.filter((dir) => existsSync(dir))
  return dirs.flatMap((dir) =>
    readdirSync(dir)
      .filter((name) => name.endsWith(extension))
      .sort()
      .map((name) => path.join(dir, name)),
  )
}

function readSpec(file: string): CdiFile {
  const spec = parseJson(readFileIfExists(file) ?? '')
  if (typeof spec?.kind === 'string' && typeof spec.cdiVersion === 'string') return spec as CdiFile
  throw new BadInputError(`read: ${file}: not a CDI specification`)
}

/** undefined: no JSON object. */
function parseJson(text: string): Partial<CdiFile> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}

function applyEdits(
  edits: readonly CdiEdits[],
  { name, file }: { readonly name: string; readonly file: string },
): ReturnType<typeof findCdiDevice> {
  const hook = edits.flatMap(({ hooks = [] }) => hooks)[0]
  if (hook !== undefined)
    throw new HostError(`add device: ${name}: it needs the hook ${hook.hookName} (${hook.path}): hooks are not run`, {
      hint: `a description without hooks can be made of ${file}`,
    })
  return {
    devices: edits.flatMap(({ deviceNodes = [] }) => deviceNodes.map(toDevice)),
    cdiMounts: edits.flatMap(({ mounts = [] }) => mounts.map(toMount)),
    cdiEnv: edits.flatMap(({ env = [] }) => env),
  }
}

type CdiNode = NonNullable<CdiEdits['deviceNodes']>[number]

function toDevice({ path: containerPath, hostPath = containerPath, permissions = 'rwm' }: CdiNode): PlannedDevice {
  return { hostPath, containerPath, access: permissions }
}

function toMount({ hostPath, containerPath, options = [] }: NonNullable<CdiEdits['mounts']>[number]): PlannedMount {
  const said = options.filter((option) => option !== 'bind' && option !== 'rbind')
  return {
    kind: 'bind',
    source: hostPath,
    destination: path.posix.normalize(containerPath),
    options: [...said, ...(said.some((it) => /(private|shared|slave)$/.test(it)) ? [] : ['rprivate']), 'rbind'],
  }
}
