// What the parts of `system check` share: what was asked for, and how a finding is mended and told.

import { LichenError } from '../model/errors.js'
import type { CheckSummary, Finding } from '../model/finding.js'
import type { RegistryOptions } from '../model/registry.js'
import type { Store } from '../platform/store.js'

export interface CheckRequest {
  /** Only what takes no reading of whole blobs and trees. */
  readonly quick: boolean
  readonly repair: boolean
  /** With `repair`: images that cannot be mended go, and the containers made from them. */
  readonly force: boolean
  /** While something is being loaded, what nobody refers to is let be until it is as old as this. */
  readonly maxAgeMs: number
  /** For what is fetched again. */
  readonly registry: RegistryOptions
}

export type CheckCounts = { -readonly [key in keyof CheckSummary]: CheckSummary[key] }

export interface Check extends CheckRequest {
  readonly store: Store
  readonly counts: CheckCounts
  readonly onFinding: (finding: Finding) => void
}

export interface Trouble {
  readonly object: string
  /** One finding each; all of them are mended together. */
  readonly problems: readonly string[]
}

/** Does what can be done, returns what that was. Throws one of our errors when it cannot be. */
export type Mend = () => Promise<string>

/** Tells the findings, mended when that is asked for. True: all is well now. */
export async function settle(check: Check, { object, problems }: Trouble, mend: Mend): Promise<boolean> {
  const outcome = check.repair ? await attempt(mend) : {}
  for (const problem of problems) check.onFinding({ object, problem, ...outcome })
  return 'repair' in outcome
}

async function attempt(mend: Mend): Promise<Pick<Finding, 'repair' | 'obstacle'>> {
  try {
    return { repair: await mend() }
  } catch (error) {
    if (!(error instanceof LichenError)) throw error
    return { obstacle: error.hint === undefined ? error.message : `${error.message}; ${error.hint}` }
  }
}

/** The same for what needs nothing asynchronous. */
export async function settleNow(check: Check, trouble: Trouble, mend: () => string): Promise<boolean> {
  return await settle(check, trouble, () => Promise.resolve().then(mend))
}
