// Why a limit cannot be kept on this host, and what would help: the words of errors and warnings. Pure.

import { HostError } from '../model/errors.js'
import type { LimitNeed } from '../model/limits.js'
import type { CgroupHome, NoCgroupHome } from '../platform/cgroups.js'

const DELEGATE_FILE = '/etc/systemd/system/user@.service.d/delegate.conf'
const OR_WITHOUT = 'or go on without: --limits=best-effort'
const DELEGATE_MORE = `as root write "[Service]" and "Delegate=cpu cpuset io memory pids" into ${DELEGATE_FILE}, systemctl daemon-reload, log in again; ${OR_WITHOUT}`
const NOT_VERSION_1 = `boot with cgroup_no_v1=all, which leaves every controller to version 2; ${OR_WITHOUT}`

const CAUSES: Readonly<Record<NoCgroupHome['because'], string>> = {
  absent: 'no cgroups are mounted at /sys/fs/cgroup',
  'not-delegated': 'no cgroup is delegated to you',
  'version-1': 'cgroups are of version 1 here, which only root can use',
  disabled: '--cgroup-manager is disabled',
}

const HINTS: Readonly<Record<NoCgroupHome['because'], string>> = {
  absent: `mount them: mount -t cgroup2 none /sys/fs/cgroup; ${OR_WITHOUT}`,
  'not-delegated': `start it in a group of your own: systemd-run --user --scope -p Delegate=yes lichen …; ${OR_WITHOUT}`,
  'version-1': `boot with systemd.unified_cgroup_hierarchy=1 for version 2, or be root; ${OR_WITHOUT}`,
  disabled: `leave it out; ${OR_WITHOUT}`,
}

export function limitsUnmet(home: CgroupHome, unmet: readonly LimitNeed[]): HostError {
  return new HostError(`limit container: ${unmetText(home, unmet)}`, { hint: hintOf(home, unmet) })
}

/** `--memory, --cpus or --cpu-quota: the memory controller is not delegated to you`. */
export function unmetText(home: CgroupHome, unmet: readonly LimitNeed[]): string {
  const flags = [...new Set(unmet.map(({ flag }) => flag))].join(', ')
  return `${flags}: ${causeOf(home, unmet)}`
}

export function cannotSplit(home: CgroupHome): HostError {
  const cause = home.version === 0 ? CAUSES[home.because] : 'cgroups are of version 1 here'
  return new HostError(`create container: --cgroups=split: ${cause}`, {
    hint: 'it divides the version 2 group that lichen was started in: for units with Delegate=yes',
  })
}

function causeOf(home: CgroupHome, unmet: readonly LimitNeed[]): string {
  if (home.version === 0) return CAUSES[home.because]
  if (home.version === 2 && unmet.some(({ onlyVersion1 }) => onlyVersion1))
    return 'only cgroups of version 1 can do that'
  if (home.version === 1 && unmet.some(({ field }) => field === 'unified'))
    return 'only cgroups of version 2 have such files'
  const controllers = [...new Set(unmet.map(({ controller }) => controller))]
  const what = `the ${controllers.join(', ')} controller${controllers.length === 1 ? ' is' : 's are'}`
  if (home.version === 1) return `${what} not mounted`
  return home.parent === '/' ? `${what} not in version 2's hierarchy` : `${what} not delegated to you`
}

function hintOf(home: CgroupHome, unmet: readonly LimitNeed[]): string {
  if (home.version === 0) return HINTS[home.because]
  if (home.version === 1 || unmet.some(({ onlyVersion1 }) => onlyVersion1)) return 'go on without: --limits=best-effort'
  return home.parent === '/' ? NOT_VERSION_1 : DELEGATE_MORE
}
