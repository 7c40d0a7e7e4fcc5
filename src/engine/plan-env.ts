// The environment a container starts with. Pure. What comes later wins and keeps the place of the first: our defaults, the caller's (--env-host), the
// image's, then without what is unset, the caller's proxies, --env-file, --env (podman-run(1), Environment).

import type { ImageProcessConfig } from '../model/image.js'
import type { EnvRequest } from '../model/process.js'
import type { CreateRequest } from '../model/run-request.js'

export type HostEnv = Readonly<Record<string, string | undefined>>

export interface EnvHost {
  readonly env: HostEnv
  /** What the files of --env-file say. */
  readonly envFromFiles: readonly EnvRequest[]
}

export const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
const PROXIES = ['http_proxy', 'https_proxy', 'ftp_proxy', 'no_proxy'].flatMap((name) => [name, name.toUpperCase()])

export function planEnv(request: CreateRequest, config: ImageProcessConfig, host: EnvHost): string[] {
  const env = new Map<string, string>([
    ['PATH', DEFAULT_PATH],
    ['container', 'lichen'],
    ...(request.tty ? ([['TERM', 'xterm']] as const) : []),
  ])
  const add = (variables: readonly (readonly [string, string])[]) => {
    for (const [name, value] of variables) env.set(name, value)
  }
  if (request.envHost) add(hostVariables(host.env, () => true))
  add((config.Env ?? []).map(splitVariable))
  for (const [name, text] of request.envMerge) env.set(name, expandVariables(text, env))
  if (request.unsetEnvAll) env.clear()
  for (const name of request.unsetEnv) env.delete(name)
  if (request.httpProxy) add(hostVariables(host.env, (name) => PROXIES.includes(name)))
  add(resolveEnv(host.envFromFiles, host.env))
  add(resolveEnv(request.env, host.env))
  return [...env].map(([name, value]) => `${name}=${value}`)
}

/** What `-e` says, with the caller's own variables filled in; one that is not set there is left out. */
export function resolveEnv(requests: readonly EnvRequest[], hostEnv: HostEnv): [string, string][] {
  return requests.flatMap((request): [string, string][] => {
    if (request.kind === 'set') return [[request.name, request.value]]
    if (request.kind === 'host') return hostVariables(hostEnv, (name) => name === request.name)
    return hostVariables(hostEnv, (name) => name.startsWith(request.prefix))
  })
}

function hostVariables(hostEnv: HostEnv, isWanted: (name: string) => boolean): [string, string][] {
  return Object.entries(hostEnv).flatMap(([name, value]): [string, string][] =>
    value !== undefined && isWanted(name) ? [[name, value]] : [],
  )
}

/** One without `=` has the empty value. */
function splitVariable(entry: string): [name: string, value: string] {
  const equals = entry.indexOf('=')
  return equals < 0 ? [entry, ''] : [entry.slice(0, equals), entry.slice(equals + 1)]
}

/** `$NAME`, `${NAME}`, `${NAME:-if empty}`, `${NAME:+if not}`, and `\$` for a dollar: a Dockerfile's forms. */
export function expandVariables(text: string, env: ReadonlyMap<string, string>): string {
  return text.replace(
    /\\\$|\$(?:(\w+)|\{(\w+)(?::([-+])([^}]*))?\})/g,
    (whole, bare: string | undefined, braced: string | undefined, operator: string | undefined, word = '') => {
      if (whole === '\\$') return '$'
      const value = env.get(bare ?? braced ?? '') ?? ''
      if (operator === '-') return value === '' ? word : value
      if (operator === '+') return value === '' ? '' : word
      return value
    },
  )
}
