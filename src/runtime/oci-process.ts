// The `process` object of config.json (runtime-spec config.md, Process). Pure.

import type { ContainerPlan } from '../model/container.js'
import { INIT_PATH, NOTIFY_DIR, type OciHost } from './oci-host.js'

/** The `process` object, also what `exec` hands to the runtime with other words in it. */
export function toOciProcess(
  plan: ContainerPlan,
  host: Pick<OciHost, 'id' | 'user' | 'usernsKind' | 'notifies'>,
): Record<string, unknown> {
  const { process } = plan
  return {
    terminal: process.tty,
    user: {
      uid: host.user.uid,
      gid: host.user.gid,
      umask: plan.umask,
      ...(host.user.additionalGids.length > 0 && host.usernsKind !== 'single' && !keepsGroups(plan)
        ? { additionalGids: host.user.additionalGids }
        : {}),
    },
    args: toArgs(plan),
    env: toEnv(plan, host),
    cwd: process.cwd,
    capabilities: toCapabilities(plan, host.user.uid),
    rlimits: plan.ulimits.map(({ name, soft, hard }) => ({
      type: `RLIMIT_${name.toUpperCase()}`,
      soft: toRlimit(soft),
      hard: toRlimit(hard),
    })),
    noNewPrivileges: plan.noNewPrivileges,
    ...(plan.apparmor === undefined ? {} : { apparmorProfile: plan.apparmor }),
    ...(plan.oomScoreAdj === undefined ? {} : { oomScoreAdj: plan.oomScoreAdj }),
  }
}

/** `--group-add keep-groups`: the process keeps those of the caller, which the runtime then must not set. */
export function keepsGroups({ groupAdd }: ContainerPlan): boolean {
  return groupAdd.includes('keep-groups')
}

/** Ours is a program of many names; another one takes the command as it is. */
function toArgs({ init, initPath, process }: ContainerPlan): readonly string[] {
  if (!init) return process.args
  return [INIT_PATH, ...(initPath === undefined ? ['init'] : []), '--', ...process.args]
}

/** What only now is known, unless somebody said it. systemd takes the uuid for the machine's id. */
function toEnv(
  { process, hostname, systemd }: ContainerPlan,
  host: Pick<OciHost, 'id' | 'user' | 'notifies'>,
): string[] {
  const known = [
    ['HOME', host.user.home],
    ['HOSTNAME', hostname],
    ...(host.notifies === true ? [['NOTIFY_SOCKET', `${NOTIFY_DIR}/notify.sock`]] : []),
    ...(systemd ? [['container_uuid', host.id.slice(0, 32)]] : []),
  ]
  const isSaid = (name = '') => process.env.some((entry) => entry.startsWith(`${name}=`))
  return [...process.env, ...known.filter(([name]) => !isSaid(name)).map((entry) => entry.join('='))]
}

/**
 * Another user than root holds nothing until a file gives it something: only the bounding set is theirs, and what was asked for by name, which
 * stays theirs over an exec (podman; capabilities(7), Ambient).
 */
function toCapabilities(plan: ContainerPlan, uid: number): Record<string, readonly string[]> {
  const { capabilities, addedCapabilities: added } = plan
  if (uid === 0)
    return { bounding: capabilities, effective: capabilities, permitted: capabilities, inheritable: [], ambient: [] }
  return { bounding: capabilities, effective: added, permitted: added, inheritable: added, ambient: added }
}

/** RLIM_INFINITY does not fit a JavaScript number: `serializeSpec` writes the word as 2^64-1. */
function toRlimit(value: number): number | 'infinity' {
  return value < 0 ? 'infinity' : value
}
