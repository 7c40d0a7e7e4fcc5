// The words that put a command into a running container's surroundings: `lichen-monitor ns … --`.

import type { ContainerView } from '../model/container.js'
import { monitorProgram } from '../platform/host-facts.js'
import type { Store } from '../platform/store.js'

/**
 * The monitor's user and mount namespaces, where the runtime finds the cgroups and the rootfs it knows. A container that outlived its monitor
 * still has the user namespace; that is enough for the runtime's kill, delete and exec.
 */
export function enterNamespaces(store: Store, view: ContainerView): string[] {
  const program = monitorProgram(store.facts.env)
  const { monitor, monitorAlive } = view
  if (monitor === undefined) return []
  if (monitorAlive) return [program, 'ns', '--of', String(monitor.monitorPid), '--']
  const userns = store.userns.kind === 'none' ? [] : ['--user-of', String(monitor.containerPid)]
  return [program, 'ns', ...userns, '--mount', '--graft-cgroup', '--']
}
