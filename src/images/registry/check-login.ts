// Whether a registry takes a user's password, asked before `login` writes it anywhere: GET /v2/ (distribution-spec, "Determining
// Support"), which lets only those in whom the registry knows.

import { NO_REPORT } from '../../model/progress.js'
import type { RegistryOptions } from '../../model/registry.js'
import type { HostFacts } from '../../platform/host-facts.js'
import { findRegistry } from './endpoints.js'
import { LoginRefusedError } from './login-refused.js'
import { openRemote } from './remote.js'

export interface LoginCheck {
  readonly facts: HostFacts
  readonly domain: string
  /** '' for the registry as a whole. */
  readonly path: string
  /** With the credentials that are to be checked. */
  readonly options: RegistryOptions & Required<Pick<RegistryOptions, 'credentials'>>
}

/** False: the registry does not take them. A registry that asks nobody takes anybody. Throws HostError when it cannot be reached. */
export async function checkLogin({ facts, domain, path, options }: LoginCheck): Promise<boolean> {
  const endpoint = findRegistry(facts, { domain, path }, 'log in')
  const remote = openRemote({ facts, endpoint, options, report: NO_REPORT, scopes: [] })
  try {
    await remote.ask({ method: 'GET', target: '', expects: [200], what: `log in: ${domain}` }, () => undefined)
    return true
  } catch (error) {
    if (error instanceof LoginRefusedError) return false
    throw error
  }
}
