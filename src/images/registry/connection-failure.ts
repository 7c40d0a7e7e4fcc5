// A server that could not be reached, or went away. What is told of it, and whether it is asked again, is decided by others.

import { errorCode } from '../../model/errors.js'

/** No answer, or one that broke off. `code` is Node's or OpenSSL's, or `SILENT`, `SLOW`, `SHORT`. */
export class ConnectionFailure extends Error {
  readonly code: string
  /** `host[:port]` it was with: after a redirect another one than was asked. */
  readonly host: string

  constructor(code: string, reason: string, host: string) {
    super(reason)
    this.name = 'ConnectionFailure'
    this.code = code
    this.host = host
  }
}

/** From whatever Node or a library threw. Their words may name a whole address: only code and reason are passed on, and never they themselves. */
export function toConnectionFailure(error: unknown, host: string): unknown {
  const code = errorCode(error)
  if (code === undefined || !(error instanceof Error)) return error
  const reason = error.message.replace(/^.*reason: /s, '').replace(/https?:\/\/\S+/g, redactUrl)
  return new ConnectionFailure(code, reason === '' ? code : reason, host)
}

/** Without user, password and query: those may hold secrets. */
export function redactUrl(url: string): string {
  try {
    const parsed = new URL(url)
    return `${parsed.protocol}//${parsed.host}${parsed.pathname}`
  } catch {
    return 'bad URL'
  }
}
