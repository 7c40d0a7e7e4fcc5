// Decided -> spoken to the OCI runtime: a ContainerPlan and what is known of the host become config.json (runtime-spec 1.0.2). Pure.

import type { ContainerPlan } from '../model/container.js'
import { toDevices } from './oci-devices.js'
import type { OciHost } from './oci-host.js'
import { toMounts } from './oci-mounts.js'
import { canSetHostname, toIdMappings, toNamespaces } from './oci-namespaces.js'
import { keepsGroups, toOciProcess } from './oci-process.js'
import { toResources } from './oci-resources.js'

/** The whole of config.json. */
export function toOciSpec(plan: ContainerPlan, host: OciHost): Record<string, unknown> {
  const resources = toResources(plan, host)
  const devices = toDevices(host)
  return {
    ociVersion: '1.0.2',
    process: withSecrets(toOciProcess(plan, host), host),
    root: { path: host.rootfs, readonly: plan.readOnly },
    ...(canSetHostname(plan, host) ? toNames(plan) : {}),
    mounts: toMounts(plan, host),
    annotations: toAnnotations(plan, host),
    linux: {
      namespaces: toNamespaces(plan, host),
      ...toIdMappings(plan, host),
      ...(Object.keys(plan.sysctls).length === 0 ? {} : { sysctl: plan.sysctls }),
      ...(plan.personality === undefined ? {} : { personality: { domain: plan.personality } }),
      ...(devices.length === 0 ? {} : { devices }),
      ...(host.cgroup.path === undefined ? {} : { cgroupsPath: host.cgroup.path }),
      ...(resources === undefined ? {} : { resources }),
      maskedPaths: plan.maskedPaths,
      readonlyPaths: plan.readonlyPaths,
      ...(host.seccomp === undefined ? {} : { seccomp: host.seccomp }),
      rootfsPropagation: toRootPropagation(plan),
    },
  }
}

const toNames = ({ hostname, domainname }: ContainerPlan): Record<string, string> => ({
  hostname,
  ...(domainname === undefined ? {} : { domainname }),
})

/** The user's, and those by which crun is asked for what the spec has no word for. */
function toAnnotations(plan: ContainerPlan, { seccompBpf }: OciHost): Record<string, string> {
  return {
    ...plan.annotations,
    ...(seccompBpf === undefined ? {} : { 'run.oci.seccomp_bpf_data': seccompBpf }),
    ...(keepsGroups(plan) ? { 'run.oci.keep_original_groups': '1' } : {}),
  }
}

/** What a mount is to get from the host must first get to the container's root. */
function toRootPropagation({ mounts }: ContainerPlan): string {
  const isSaid = (...words: string[]) => mounts.some(({ options }) => words.some((word) => options.includes(word)))
  if (isSaid('shared', 'rshared')) return 'rshared'
  return isSaid('slave', 'rslave') ? 'rslave' : 'rprivate'
}

/** Only here: whatever else shows a container shows its plan, which has none. */
function withSecrets(process: Record<string, unknown>, { secretEnv }: OciHost): Record<string, unknown> {
  return secretEnv.length === 0 ? process : { ...process, env: [...(process.env as string[]), ...secretEnv] }
}

/** The text of config.json or of exec's process. Inside a JSON string a quote is escaped, so only rlimits' own members can match. */
export function serializeSpec(spec: Record<string, unknown>): string {
  return JSON.stringify(spec).replace(/"(soft|hard)":"infinity"/g, '"$1":18446744073709551615')
}
