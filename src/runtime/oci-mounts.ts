// The mounts of config.json: what every container has, the small files written for it, and those of its plan (runtime-spec config.md, Mounts). Pure.

import type { ContainerPlan } from '../model/container.js'
import type { PlannedMount } from '../model/mounts.js'
import { toDeviceMounts } from './oci-devices.js'
import { INIT_PATH, type OciHost } from './oci-host.js'
import { bind, systemMounts } from './oci-system-mounts.js'

export interface OciMount {
  readonly destination: string
  readonly type: string
  readonly source: string
  readonly options: readonly string[]
}

/** Options that are not the runtime's: done before, or without a meaning here. */
const OURS = new Set(['U', 'copy', 'nocopy', 'z', 'Z'])

/** Parents before children, whoever wants them; what the plan mounts takes the place of what every container has there. */
export function toMounts(plan: ContainerPlan, host: OciHost): OciMount[] {
  const own = new Set(plan.mounts.map(({ destination }) => destination))
  const isFree = ({ destination }: OciMount) =>
    !own.has(destination) && !(own.has('/dev') && destination.startsWith('/dev/'))
  const files = host.files.map(({ hostPath, containerPath }) =>
    bind(hostPath, containerPath, ['rbind', 'rprivate', 'nosuid', 'nodev', ...(plan.readOnly ? ['ro'] : [])]),
  )
  const init = plan.init ? [bind(host.initProgram, INIT_PATH, ['bind', 'ro', 'rprivate', 'nosuid', 'nodev'])] : []
  const mounts = [
    ...[...systemMounts(plan, host), ...files.filter((file) => !isInForeign(file, plan.mounts))].filter(isFree),
    ...toDeviceMounts(host),
    ...init,
    ...plan.mounts.map((mount) => toMount(mount, host)),
    ...host.secretFiles.map(({ hostPath, containerPath }) => bind(hostPath, containerPath, ['bind', 'rprivate'])),
  ]
  return mounts.sort((a, b) => depth(a) - depth(b))
}

/** Below a directory of the host, or one that cannot be written to: the runtime would have to make the file's place in there. */
function isInForeign({ destination }: OciMount, mounts: readonly PlannedMount[]): boolean {
  const around = mounts.findLast((mount) => destination.startsWith(`${mount.destination}/`))
  return around !== undefined && (around.kind === 'bind' || around.options.includes('ro'))
}

const depth = ({ destination }: OciMount): number => destination.split('/').length

function toMount({ kind, source, destination, options }: PlannedMount, host: OciHost): OciMount {
  const said = options.filter((option) => !OURS.has(option))
  if (kind === 'tmpfs' || kind === 'ramfs') {
    // a file system of memory is made with its owner
    const owner = options.includes('U') ? [`uid=${host.user.uid}`, `gid=${host.user.gid}`] : []
    return { destination, type: kind, source, options: [...said, ...owner] }
  }
  if (kind === 'devpts') return { destination, type: kind, source, options: said }
  const ready = host.readyMounts.get(destination)
  if (ready === undefined) return bind(source, destination, said)
  const shared = ready.type === 'bind' ? said : said.filter((option) => option !== 'rbind' && option !== 'bind')
  return {
    destination: ready.containerPath,
    type: ready.type,
    source: ready.source,
    options: [...shared, ...ready.options],
  }
}
