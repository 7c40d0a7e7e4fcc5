// `login`: a user and a password, asked for where they were not said, tried at the registry, and only then kept. The password goes to
// the registry and to where it is kept, and into no message.

import { checkLogin } from '../images/registry/check-login.js'
import { lookUpCredentials } from '../images/registry/credentials.js'
import { saveCredentials } from '../images/registry/save-credentials.js'
import { ConflictError, HostError, NotFoundError, UsageError } from '../model/errors.js'
import type { RegistryOptions } from '../model/registry.js'
import { readStandardInput } from '../platform/byte-streams.js'
import { canAsk, openPrompt } from '../platform/prompt.js'
import type { Store } from '../platform/store.js'
import { type LoginPlace, toLoginTarget } from './login-target.js'

export interface LoginRequest extends LoginPlace {
  readonly username?: string
  readonly password?: string
  readonly passwordFromStdin: boolean
  /** How the registry is spoken to. */
  readonly options: RegistryOptions
  /** Is told what happens, for people. */
  readonly onNote: (text: string) => void
}

export interface LoginOutcome {
  readonly registry: string
  /** Where the credentials are kept now, a file or a helper. Undefined: those known already are still good. */
  readonly keptIn?: string
}

interface Login {
  readonly username: string
  readonly password: string
}

/** Throws UsageError when something is missing that cannot be asked for, HostError when the registry does not take it or cannot be reached. */
export async function login({ facts }: Store, request: LoginRequest): Promise<LoginOutcome> {
  if (request.passwordFromStdin && request.username === undefined)
    throw new UsageError('log in: --password-stdin needs --username')
  const target = toLoginTarget(facts, request)
  const { key, domain, path } = target
  const isAccepted = async ({ username, password }: Login) =>
    await checkLogin({ facts, domain, path, options: { ...request.options, credentials: { username, password } } })

  const known = (await lookUpCredentials(facts, target))?.credentials
  if (known?.kind === 'password' && request.username === undefined && request.password === undefined) {
    request.onNote(`Authenticating with existing credentials for ${key}`)
    if (await isAccepted(known)) return { registry: key }
    request.onNote('Existing credentials are invalid, please enter valid username and password')
  }
  const said = await completeLogin(request, key, known?.kind === 'password' ? known.username : undefined)
  if (!(await isAccepted(said))) throw new HostError(`log in: ${key}: invalid username/password`)
  return { registry: key, keptIn: await saveCredentials({ facts, ...target }, said) }
}

/** `--get-login`: as whom this user is logged in. Throws NotFoundError when not at all. */
export async function findLogin({ facts }: Store, place: LoginPlace): Promise<string> {
  const target = toLoginTarget(facts, place)
  const known = (await lookUpCredentials(facts, target))?.credentials
  if (known === undefined)
    throw new NotFoundError(`find login: not logged into ${target.key}`, {
      exitCode: 125,
      hint: `lichen login ${target.key}`,
    })
  if (known.kind === 'password') return known.username
  throw new ConflictError(`find login: ${target.key}: logged in with an identity token, which has no user name`)
}

async function completeLogin(request: LoginRequest, key: string, knownUser: string | undefined): Promise<Login> {
  const { username } = request
  const password = request.passwordFromStdin ? await readPassword(key) : request.password
  if (username !== undefined && password !== undefined) return { username, password }
  if (!canAsk())
    throw new UsageError(`log in: ${key}: standard input is not a terminal`, {
      hint: `lichen login --username USER --password-stdin ${key} < FILE`,
    })
  const prompt = openPrompt()
  try {
    const question = knownUser === undefined ? 'Username: ' : `Username (${knownUser}): `
    const user = username ?? ((await prompt.ask(question)).trim() || knownUser)
    if (!user) throw new UsageError(`log in: ${key}: no user name was typed`)
    return { username: user, password: password ?? (await prompt.ask('Password: ', { hidden: true })) }
  } finally {
    prompt.close()
  }
}

const MAX_PASSWORD_BYTES = 64 * 1024

/** One line, or a whole file; the newline at its end is not the password's. */
async function readPassword(key: string): Promise<string> {
  const parts: Buffer[] = []
  let bytes = 0
  for await (const chunk of readStandardInput()) {
    parts.push(chunk)
    bytes += chunk.length
    if (bytes > MAX_PASSWORD_BYTES) throw new UsageError(`log in: ${key}: what standard input gives is no password`)
  }
  const password = Buffer.concat(parts)
    .toString('utf8')
    .replace(/\r?\n$/, '')
  if (password === '') throw new UsageError(`log in: ${key}: standard input is empty, a password was expected there`)
  return password
}
