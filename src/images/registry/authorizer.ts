// The Authorization header of every request to one registry: none until the registry asks, then what it asks for. A token is fetched
// once for all parallel requests of the same scopes, again shortly before it expires, and again when the registry no longer takes it.

import { type Challenge, parseChallenges } from './challenge.js'
import type { Credentials } from './credentials.js'
import { type Token, toBasic } from './token.js'

export interface Authorizer {
  /** What to send; undefined while the registry has not asked. */
  readonly header: (scopes: readonly string[]) => Promise<string | undefined>
  /** The registry answered 401 to `sent`. True: another request has better chances. */
  readonly refused: (wwwAuthenticate: string | null, sent: string | undefined) => Promise<boolean>
}

export interface AuthorizerOptions {
  /** Asked once, and only when the registry wants to know who we are. */
  readonly findCredentials: () => Promise<Credentials | undefined>
  readonly fetchToken: (order: {
    readonly challenge: Challenge
    readonly scopes: readonly string[]
    readonly credentials: Credentials | undefined
  }) => Promise<Token>
  readonly nowMs?: () => number
}

export function createAuthorizer({ findCredentials, fetchToken, nowMs = Date.now }: AuthorizerOptions): Authorizer {
  let challenge: Challenge | undefined
  let finding: Promise<Credentials | undefined> | undefined
  const credentials = (): Promise<Credentials | undefined> => {
    finding ??= findCredentials()
    return finding
  }
  const tokens = createTokens({
    nowMs,
    fetch: async (asked, scopes) => fetchToken({ challenge: asked, scopes, credentials: await credentials() }),
  })
  return {
    header: async (scopes) => {
      if (challenge === undefined) return undefined
      if (challenge.scheme === 'bearer') return await tokens.header(challenge, scopes)
      const known = await credentials()
      return known?.kind === 'password' ? toBasic(known) : undefined
    },
    refused: async (wwwAuthenticate, sent) => {
      const offered = parseChallenges(wwwAuthenticate ?? '')
      challenge =
        offered.find(({ scheme, parameters }) => scheme === 'bearer' && parameters.realm !== undefined) ??
        offered.find(({ scheme }) => scheme === 'basic') ??
        challenge
      if (challenge?.scheme === 'bearer') return sent === undefined || (await tokens.drop(sent))
      return sent === undefined && (await credentials())?.kind === 'password'
    },
  }
}

interface Tokens {
  readonly header: (challenge: Challenge, scopes: readonly string[]) => Promise<string>
  /** A token refused at its first use is not better the second time (false); an older one may only have expired. */
  readonly drop: (header: string) => Promise<boolean>
}

interface Held {
  readonly header: string
  readonly refreshAtMs: number
  uses: number
}

/** Renewed this long before its end at the latest: a request takes a while to arrive. */
const MARGIN_MS = 10_000

function createTokens(source: {
  readonly nowMs: () => number
  readonly fetch: (challenge: Challenge, scopes: readonly string[]) => Promise<Token>
}): Tokens {
  const all = new Map<string, Promise<Held>>()
  function renew(key: string, challenge: Challenge, scopes: readonly string[]): Promise<Held> {
    const startedMs = source.nowMs()
    const fetching = source.fetch(challenge, scopes).then(({ value, lifetimeMs }) => {
      const marginMs = Math.min(MARGIN_MS, lifetimeMs / 4)
      return { header: `Bearer ${value}`, refreshAtMs: startedMs + lifetimeMs - marginMs, uses: 0 }
    })
    fetching.catch(() => all.delete(key)) // the next request tries again
    all.set(key, fetching)
    return fetching
  }
  return {
    header: async (challenge, asked) => {
      const scopes = [...asked, ...otherScopes(challenge, asked)]
      const key = scopes.join(' ')
      const known = all.get(key)
      let held = await known
      if (held === undefined || held.refreshAtMs <= source.nowMs()) {
        // of several that found the old one, the first fetches and the others wait for it
        const current = all.get(key)
        held = await (current === undefined || current === known ? renew(key, challenge, scopes) : current)
      }
      held.uses++
      return held.header
    },
    drop: async (header) => {
      for (const [key, fetching] of all) {
        const held = await fetching
        if (held.header !== header) continue
        if (held.uses <= 1) return false
        all.delete(key)
      }
      return true
    },
  }
}

/** A registry that keeps a repository under another name asks for that one's scope. */
function otherScopes({ parameters }: Challenge, scopes: readonly string[]): readonly string[] {
  const nameOf = (scope: string) => scope.slice(0, scope.lastIndexOf(':'))
  const known = new Set(scopes.map(nameOf))
  return (parameters.scope ?? '').split(' ').filter((scope) => scope !== '' && !known.has(nameOf(scope)))
}
