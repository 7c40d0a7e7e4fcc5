// Which namespaces a container has of its own, shares with the host, or joins of another; and what follows for its name and its kernel
// parameters. Pure. podman-run(1), --pid --ipc --uts --cgroupns --network --sysctl.

import type { ContainerRecord } from '../model/container.js'
import { ConflictError, UsageError } from '../model/errors.js'
import type { IpcMode, JoinedMode, NamespaceMode, NamespacesPlan, NetworkMode } from '../model/isolation.js'
import type { CreateRequest } from '../model/run-request.js'

export interface NamespacesHost {
  readonly id: string
  readonly hostname: string
  readonly joined: ReadonlyMap<string, ContainerRecord>
}

/** The default of `--network`, until there are drivers that isolate and still reach other machines: the caller's own network. */
export const DEFAULT_NETWORK: NetworkMode = 'host'

interface Namespaces {
  readonly namespaces: NamespacesPlan
  readonly network: NetworkMode
  readonly hostname: string
}

export function planNamespaces(request: CreateRequest, host: NamespacesHost): Namespaces {
  const network = request.network === undefined ? DEFAULT_NETWORK : toMode(request.network, host)
  const uts = toMode(request.uts ?? { mode: 'private' }, host)
  for (const name of ['hostname', 'domainname'] as const)
    if (request[name] !== undefined && uts !== 'private')
      throw new UsageError(`plan namespaces: cannot set ${name} when running in the host UTS namespace`, {
        hint: `leave out --${name}, or --uts`,
      })
  return {
    namespaces: {
      pid: toMode(request.pid ?? { mode: 'private' }, host),
      ipc: planIpc(request, host),
      uts,
      cgroup: toMode(request.cgroupns ?? { mode: 'private' }, host),
    },
    network,
    hostname: planHostname(request, { network, uts }, host),
  }
}

/** The names of all containers that a request wants to share a namespace with. */
export function joinedContainers({
  pid,
  ipc,
  uts,
  cgroupns,
  network,
  userns,
}: CreateRequest): { kind: string; name: string }[] {
  const kinds = { pid, ipc, uts, cgroup: cgroupns, network, user: userns }
  return Object.entries(kinds).flatMap(([kind, said]) =>
    said?.mode === 'container' ? [{ kind, name: said.container }] : [],
  )
}

type Said<T extends string> =
  | { readonly mode: T }
  | { readonly mode: 'container'; readonly container: string }
  | { readonly mode: 'path'; readonly path: string }

function toMode<T extends string>(
  said: Said<T>,
  { joined }: NamespacesHost,
): Exclude<T, 'container' | 'path'> | JoinedMode {
  if ('container' in said) return `container:${joined.get(said.container)?.id ?? said.container}`
  if ('path' in said) return `ns:${said.path}`
  return said.mode as Exclude<T, 'container' | 'path'>
}

function planIpc({ ipc }: CreateRequest, host: NamespacesHost): IpcMode {
  if (ipc?.mode !== 'container') return toMode(ipc ?? { mode: 'private' }, host)
  const other = host.joined.get(ipc.container)
  if (other?.plan.namespaces.ipc === 'none')
    throw new ConflictError(
      `plan namespaces: joining IPC of container ${other.name} is not allowed: it has no /dev/shm`,
      {
        hint: `make ${other.name} with --ipc shareable`,
      },
    )
  return toMode(ipc, host)
}

/** On the host's network a container is where the host's name leads to. */
function planHostname(
  request: CreateRequest,
  { network, uts }: { readonly network: NetworkMode; readonly uts: NamespaceMode },
  { id, hostname, joined }: NamespacesHost,
): string {
  if (request.uts?.mode === 'container') return joined.get(request.uts.container)?.plan.hostname ?? hostname
  if (uts !== 'private') return hostname
  return request.hostname ?? (network === 'host' ? hostname : id.slice(0, 12))
}

/** A parameter of a namespace that is not the container's own would be the host's. */
export function planSysctls(
  { sysctls }: CreateRequest,
  { namespaces, network }: Pick<Namespaces, 'namespaces' | 'network'>,
): Readonly<Record<string, string>> {
  for (const [name, value] of Object.entries(sysctls)) {
    const [kind, mode] = name.startsWith('net.') ? (['Network', network] as const) : (['IPC', namespaces.ipc] as const)
    if (mode !== 'host') continue
    throw new UsageError(`plan sysctl: ${name}=${value} can't be set since ${kind} Namespace set to host`, {
      hint: kind === 'Network' ? 'add --network none' : 'leave out --ipc host',
    })
  }
  return sysctls
}
