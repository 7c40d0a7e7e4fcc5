// Decided -> spoken to the OCI runtime: a ContainerPlan and what is known of the host become config.json (runtime-spec 1.0.2). Pure.

import type { ContainerPlan } from '../model/container.js'
import type { OciHost } from './oci-host.js'
import { toMounts } from './oci-mounts.js'
import { canSetHostname, toIdMappings, toNamespaces } from './oci-namespaces.js'
import { toOciProcess } from './oci-process.js'
import { toResources } from './oci-resources.js'

/** The whole of config.json. */
export function toOciSpec(plan: ContainerPlan, host: OciHost): Record<string, unknown> {
  const resources = toResources(plan, host)
  return {
    ociVersion: '1.0.2',
    process: toOciProcess(plan, host),
    root: { path: host.rootfs, readonly: plan.readOnly },
    ...(canSetHostname(host) ? { hostname: plan.hostname } : {}),
    mounts: toMounts(plan, host),
    ...(host.seccompBpf === undefined ? {} : { annotations: { 'run.oci.seccomp_bpf_data': host.seccompBpf } }),
    linux: {
      namespaces: toNamespaces(plan, host),
      ...toIdMappings(plan, host),
      ...(resources === undefined ? {} : { resources }),
      maskedPaths: plan.maskedPaths,
      readonlyPaths: plan.readonlyPaths,
      ...(host.seccomp === undefined ? {} : { seccomp: host.seccomp }),
      rootfsPropagation: 'rprivate',
    },
  }
}

/** The text of config.json or of exec's process. Inside a JSON string a quote is escaped, so only rlimits' own members can match. */
export function serializeSpec(spec: Record<string, unknown>): string {
  return JSON.stringify(spec).replace(/"(soft|hard)":"infinity"/g, '"$1":18446744073709551615')
}
