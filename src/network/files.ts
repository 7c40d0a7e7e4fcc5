// /etc/hosts, /etc/hostname and /etc/resolv.conf of a container. Pure: text in, text out.

import type { NetworkMode } from '../model/isolation.js'

export interface NetworkFileInput {
  readonly mode: NetworkMode
  readonly hostname: string
  readonly domainname?: string
  readonly containerName: string
  /** The host's own files; undefined: it has none. */
  readonly hostHosts: string | undefined
  readonly hostResolvConf: string | undefined
}

export interface NetworkFiles {
  readonly hosts: string
  readonly hostname: string
  readonly resolvConf: string
}

const LOCALHOST = '127.0.0.1\tlocalhost localhost.localdomain\n::1\tlocalhost localhost.localdomain\n'

/** On the host's network, or one that somebody else made, the host's names stay known and the container's are added; without one only its own are. */
export function makeNetworkFiles(input: NetworkFileInput): NetworkFiles {
  const base = input.mode !== 'none' ? ensureNewline(input.hostHosts ?? LOCALHOST) : LOCALHOST
  const { hostname, domainname } = input
  // first: `hostname -f` prints the first name of a line
  const full = domainname === undefined ? [] : [`${hostname}.${domainname}`]
  const own = [...new Set([...full, hostname, input.containerName])].join(' ')
  return {
    hosts: `${base}127.0.0.1\t${own}\n`,
    hostname: `${hostname}\n`,
    resolvConf: input.mode !== 'none' ? (input.hostResolvConf ?? '') : '',
  }
}

function ensureNewline(text: string): string {
  return text === '' || text.endsWith('\n') ? text : `${text}\n`
}
