// Records of older versions: a field that was not there yet means what every container did before there was a choice.

import type { ContainerPlan, ContainerRecord } from '../model/container.js'

/** What every container of a version without the field was. */
const BEFORE: Partial<ContainerPlan> = {}

export function upgradeRecord(record: ContainerRecord): ContainerRecord {
  return { ...record, plan: { ...BEFORE, ...record.plan } }
}
