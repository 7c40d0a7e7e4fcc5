// `system check`: is everything in the store what it should be, and with `repair` made so. Nothing is thrown away that is anybody's data,
// and only what is bad is fetched or unpacked again. The parts come in the order in which one's repair helps the next.

import type { CheckSummary, Finding } from '../model/finding.js'
import type { Store } from '../platform/store.js'
import type { Check, CheckCounts, CheckRequest } from './check.js'
import { checkContainers } from './check-containers.js'
import { checkImages } from './check-images.js'
import { checkLayers } from './check-layers.js'
import { checkLeftovers, checkOrphans } from './check-leftovers.js'
import { checkSecrets } from './check-secrets.js'
import { checkVolumes } from './check-volumes.js'

export type { CheckRequest } from './check.js'

/** Tells each finding when it is made. */
export async function checkStore(
  store: Store,
  request: CheckRequest,
  onFinding: (finding: Finding) => void,
): Promise<CheckSummary> {
  const counts: CheckCounts = {
    findings: 0,
    repaired: 0,
    images: 0,
    blobs: 0,
    layers: 0,
    unverifiedLayers: 0,
    containers: 0,
    volumes: 0,
  }
  const tell = (finding: Finding): void => {
    counts.findings++
    if (finding.repair !== undefined) counts.repaired++
    onFinding(finding)
  }
  const check: Check = { ...request, store, counts, onFinding: tell }
  await checkLeftovers(check)
  const hasIndex = await checkImages(check)
  await checkContainers(check)
  await checkVolumes(check)
  await checkSecrets(check)
  if (hasIndex) {
    await checkLayers(check)
    await checkOrphans(check)
  }
  return counts
}
