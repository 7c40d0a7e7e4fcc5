// Control groups, in the monitor's words (PROTOCOL.md, cgroup_manager and cgroup1…). Pure.

import type { CgroupPlace } from '../model/limits.js'

export function limitsWords({ manager, groups1 }: CgroupPlace): string[] {
  return [
    ...(manager === undefined ? [] : [`cgroup_manager=${manager}`]),
    ...groups1.map(({ dir }) => `cgroup1=${dir}`),
    ...groups1.flatMap(({ values }, index) => values.map(([file, value]) => `cgroup1_value=${index} ${file} ${value}`)),
  ]
}
