// The `process` object of config.json (runtime-spec config.md, Process). Pure.

import type { ContainerPlan } from '../model/container.js'
import { INIT_PATH, type OciHost } from './oci-host.js'

/** The `process` object, also what `exec` hands to the runtime with other words in it. */
export function toOciProcess(plan: ContainerPlan, host: Pick<OciHost, 'user' | 'usernsKind'>): Record<string, unknown> {
  const { process } = plan
  const env = process.env.some((entry) => entry.startsWith('HOME='))
    ? process.env
    : [...process.env, `HOME=${host.user.home}`]
  return {
    terminal: process.tty,
    user: {
      uid: host.user.uid,
      gid: host.user.gid,
      umask: 0o22,
      ...(host.user.additionalGids.length > 0 && host.usernsKind !== 'single'
        ? { additionalGids: host.user.additionalGids }
        : {}),
    },
    args: plan.init ? [INIT_PATH, 'init', '--', ...process.args] : process.args,
    env: env.some((entry) => entry.startsWith('HOSTNAME=')) ? env : [...env, `HOSTNAME=${plan.hostname}`],
    cwd: process.cwd,
    capabilities: toCapabilities(plan, host.user.uid),
    rlimits: plan.ulimits.map(({ name, soft, hard }) => ({
      type: `RLIMIT_${name.toUpperCase()}`,
      soft: toRlimit(soft),
      hard: toRlimit(hard),
    })),
    noNewPrivileges: plan.noNewPrivileges,
  }
}

/** Another user than root holds nothing until a file gives it something: only the bounding set is theirs (podman, docker). */
function toCapabilities(plan: ContainerPlan, uid: number): Record<string, readonly string[]> {
  const held = uid === 0 || plan.privileged ? plan.capabilities : []
  return { bounding: plan.capabilities, effective: held, permitted: held, inheritable: [], ambient: [] }
}

/** RLIM_INFINITY does not fit a JavaScript number: `serializeSpec` writes the word as 2^64-1. */
function toRlimit(value: number): number | 'infinity' {
  return value < 0 ? 'infinity' : value
}
