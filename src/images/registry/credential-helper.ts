// docker-credential-NAME: programs that keep credentials in a keychain. Their protocol (docker/docker-credential-helpers): the action as
// the only argument, the server or a JSON object on standard input, JSON or an error message on standard output. Secrets go in by
// standard input only, and into no message.

import { BadInputError, ExternalToolError, HostError } from '../../model/errors.js'
import { findProgram, type HostFacts } from '../../platform/host-facts.js'
import { askTool, type ToolAnswer } from '../../platform/process.js'
import type { Credentials } from './credentials.js'

/** What all of them say for a server they do not know. */
const NOT_FOUND = 'credentials not found in native keychain'
/** A user name that says: the secret is an identity token. */
const TOKEN_USER = '<token>'

/** The path of docker-credential-NAME; undefined: it is not installed. Throws BadInputError for a name that is none. */
export function findHelper(facts: HostFacts, name: string): string | undefined {
  if (/^[\w][\w.-]*$/.test(name)) return findProgram(`docker-credential-${name}`, facts.env)
  throw new BadInputError(`find credential helper: "${name}": not a name`)
}

/** Throws HostError when it is not installed; `file` asks for it. */
export function requireHelper(facts: HostFacts, name: string, file: string): string {
  const program = findHelper(facts, name)
  if (program !== undefined) return program
  throw new HostError(`find credential helper: docker-credential-${name}: not installed`, {
    hint: `${file} asks for it: install it, or take it out of there`,
  })
}

/** undefined: the helper knows no such server. */
export async function getFromHelper(program: string, server: string): Promise<Credentials | undefined> {
  const answer = await askTool([program, 'get'], { input: server })
  if (answer.code !== 0) {
    if (answer.stdout.includes(NOT_FOUND)) return undefined
    throw toFailure(program, 'get', answer)
  }
  const { Username: username, Secret: secret } = parseAnswer(program, answer.stdout)
  if (secret === '') return undefined
  return username === TOKEN_USER
    ? { kind: 'token', identityToken: secret }
    : { kind: 'password', username, password: secret }
}

export async function storeInHelper(
  program: string,
  server: string,
  { username, password }: { readonly username: string; readonly password: string },
): Promise<void> {
  const input = JSON.stringify({ ServerURL: server, Username: username, Secret: password })
  const answer = await askTool([program, 'store'], { input })
  if (answer.code !== 0) throw toFailure(program, 'store', answer, password)
}

/** Idempotent. */
export async function eraseFromHelper(program: string, server: string): Promise<void> {
  const answer = await askTool([program, 'erase'], { input: server })
  if (answer.code !== 0 && !answer.stdout.includes(NOT_FOUND)) throw toFailure(program, 'erase', answer)
}

function parseAnswer(program: string, text: string): { readonly Username: string; readonly Secret: string } {
  try {
    const { Username, Secret } = JSON.parse(text) as Record<string, unknown>
    if (typeof Username === 'string' && typeof Secret === 'string') return { Username, Secret }
  } catch {
    // told below: what it said may hold a secret
  }
  throw new BadInputError(`run ${program} get: its answer is no JSON object with Username and Secret`)
}

/** Their words for what went wrong are on standard output. */
function toFailure(program: string, action: string, { code, stdout, stderr }: ToolAnswer, secret = ''): Error {
  const words = `${stdout}\n${stderr}`.trim()
  const told = secret === '' ? words : words.replaceAll(secret, '***').replaceAll(JSON.stringify(secret), '***')
  return new ExternalToolError(`run ${program} ${action}`, { argv: [program, action], code, stderr: told })
}
