// Whom we trust besides the host's authorities, and who we are: *.crt, *.cert with *.key. containers-certs.d(5), docker's certs.d.

import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { errorCode, HostError } from '../../model/errors.js'
import type { Trust } from './agents.js'

export interface Certificates {
  /** PEM. */
  readonly authorities: readonly string[]
  readonly client: { readonly cert: string; readonly key: string } | undefined
}

/** For connections to `host` (`host[:port]`). Throws HostError for a directory that was named and cannot be read, and for half a pair. */
export function findCertificates({ facts, certDir, registry }: Trust, host: string): Certificates {
  if (certDir !== undefined) {
    const found = readDirectory(path.resolve(facts.cwd, certDir))
    if (found === undefined)
      throw new HostError(`read certificates: ${certDir}: no such directory`, { hint: 'it is what --cert-dir names' })
    return host === registry ? found : { ...found, client: undefined }
  }
  for (const dir of hostDirectories(facts.home, host)) {
    const found = readDirectory(dir)
    if (found !== undefined) return found
  }
  return { authorities: [], client: undefined }
}

/** The first that exists is the one. */
function hostDirectories(home: string, host: string): readonly string[] {
  const name = host === 'registry-1.docker.io' ? 'docker.io' : host
  const parents = [path.join(home, '.config/containers'), '/etc/containers', '/etc/docker']
  return parents.map((parent) => path.join(parent, 'certs.d', name))
}

function readDirectory(dir: string): Certificates | undefined {
  const names = listNames(dir)
  if (names === undefined) return undefined
  const read = (name: string) => readPem(path.join(dir, name))
  const authorities = names.filter((name) => name.endsWith('.crt')).map(read)
  for (const name of names) {
    const other = name.replace(/\.(cert|key)$/, (end) => (end === '.key' ? '.cert' : '.key'))
    if (other !== name && !names.includes(other))
      throw new HostError(`read certificates: ${path.join(dir, name)}: there is no ${other} beside it`, {
        hint: 'authorities are *.crt; *.cert and *.key are our own certificate and its key',
      })
  }
  const cert = names.find((name) => name.endsWith('.cert'))
  return {
    authorities,
    client: cert === undefined ? undefined : { cert: read(cert), key: read(cert.replace(/cert$/, 'key')) },
  }
}

function listNames(dir: string): readonly string[] | undefined {
  try {
    return readdirSync(dir).sort()
  } catch (cause) {
    const code = errorCode(cause)
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw new HostError(`read certificates: ${dir}: ${code ?? 'unreadable'}`, { cause })
  }
}

function readPem(file: string): string {
  try {
    return readFileSync(file, 'latin1')
  } catch (cause) {
    throw new HostError(`read certificates: ${file}: ${errorCode(cause) ?? 'unreadable'}`, { cause })
  }
}
