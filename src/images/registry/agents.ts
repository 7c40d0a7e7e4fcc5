// Connections: kept alive, through the proxy of the environment, and whom they trust. A connection's certificates depend on the host it
// goes to, so that a redirect to another host meets neither our client certificate nor the registry's own authority. Libraries are loaded where there is a proxy.

import { readFileSync } from 'node:fs'
import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { BlockList, isIP } from 'node:net'
import { createSecureContext, rootCertificates, type SecureContext } from 'node:tls'
import { errorCode, HostError } from '../../model/errors.js'
import type { HostFacts } from '../../platform/host-facts.js'
import { findCertificates } from './certificates.js'

export interface Trust {
  readonly facts: HostFacts
  /** False: any certificate will do. */
  readonly verify?: boolean
  /** `--cert-dir`, in place of certs.d; its authorities are trusted by every connection, its client certificate goes to `registry` only. */
  readonly certDir?: string
  /** `host[:port]`. */
  readonly registry?: string
}

export type AgentFor = (url: URL) => Promise<HttpAgent>

/** One agent per scheme and host. They throw HostError for certificates that cannot be read. */
export function createAgents(trust: Trust): AgentFor {
  const agents = new Map<string, Promise<HttpAgent>>()
  return (url) => {
    const key = `${url.protocol}//${url.host}`
    const agent = agents.get(key) ?? createAgent(trust, url)
    agents.set(key, agent)
    return agent
  }
}

async function createAgent(trust: Trust, url: URL): Promise<HttpAgent> {
  const proxy = await findProxy(url, trust.facts.env)
  if (url.protocol === 'http:') return proxy === '' ? new HttpAgent({ keepAlive: true }) : await createForwarder(proxy)
  // one context for all connections of the agent: reading the authorities anew for each costs milliseconds
  const tls = {
    rejectUnauthorized: trust.verify !== false,
    secureContext: createContext(trust, isAt(url, trust.registry) ? trust.registry : url.host),
  }
  return proxy === '' ? new HttpsAgent({ keepAlive: true, ...tls }) : await createTunnel(proxy, tls)
}

async function createForwarder(proxy: string): Promise<HttpAgent> {
  const { HttpProxyAgent } = await import('http-proxy-agent')
  return new HttpProxyAgent(proxy, { keepAlive: true })
}

/** `tls` is for the far end of the tunnel: what the library is constructed with is only for the proxy itself. */
async function createTunnel(proxy: string, tls: object): Promise<HttpAgent> {
  const { HttpsProxyAgent } = await import('https-proxy-agent')
  const agent = new HttpsProxyAgent(proxy, { keepAlive: true })
  const connect = agent.connect.bind(agent)
  agent.connect = (request, options) => connect(request, { ...options, ...tls })
  return agent
}

function createContext(trust: Trust, host: string): SecureContext {
  const { authorities, client } = findCertificates(trust, host)
  const ca = trust.verify === false ? [] : [...systemAuthorities(trust.facts.env), ...authorities]
  try {
    return createSecureContext({ ca, ...client })
  } catch (cause) {
    throw new HostError(`read certificates: for ${host}: ${(cause as Error).message}`, { cause })
  }
}

const BUNDLES = ['/etc/ssl/certs/ca-certificates.crt', '/etc/pki/tls/certs/ca-bundle.crt', '/etc/ssl/ca-bundle.pem']

/** The host's, as every other program here trusts them; Node's own where the host has none. And what Node is told to add. */
function systemAuthorities(env: HostFacts['env']): readonly string[] {
  const extra = env.NODE_EXTRA_CA_CERTS ? [readBundle(env.NODE_EXTRA_CA_CERTS)] : []
  if (env.SSL_CERT_FILE) return [readBundle(env.SSL_CERT_FILE), ...extra]
  for (const file of BUNDLES) {
    try {
      return [readFileSync(file, 'latin1'), ...extra]
    } catch (error) {
      if (errorCode(error) !== 'ENOENT' && errorCode(error) !== 'EACCES') throw error
    }
  }
  return [...rootCertificates, ...extra]
}

function readBundle(file: string): string {
  try {
    return readFileSync(file, 'latin1')
  } catch (cause) {
    throw new HostError(`read certificates: ${file}: ${errorCode(cause) ?? 'unreadable'}`, {
      cause,
      hint: 'SSL_CERT_FILE and NODE_EXTRA_CA_CERTS name files with authorities in PEM',
    })
  }
}

/**
 * As Go programs understand the variables, which these are written for: this host itself is never reached through a proxy, and NO_PROXY
 * may name networks (10.0.0.0/8). The rest, and reading the environment, is the library's.
 */
async function findProxy(url: URL, env: HostFacts['env']): Promise<string> {
  if (isLoopback(url.hostname) || !PROXY_VARIABLES.some((name) => env[name] || env[name.toUpperCase()])) return ''
  const address = url.hostname.replace(/^\[|\]$/g, '')
  const networks = (env.no_proxy || env.NO_PROXY || '').split(/[,\s]+/).filter((each) => each.includes('/'))
  if (networks.some((network) => isWithin(address, network))) return ''
  const { getProxyForUrl } = await import('proxy-from-env')
  return getProxyForUrl(url)
}

const PROXY_VARIABLES = ['http_proxy', 'https_proxy', 'all_proxy']

function isWithin(address: string, network: string): boolean {
  const [base = '', bits = ''] = network.split('/')
  const family = isIP(base)
  if (family === 0 || isIP(address) !== family || !/^\d{1,3}$/.test(bits) || Number(bits) > (family === 4 ? 32 : 128))
    return false
  const type = family === 4 ? 'ipv4' : 'ipv6'
  const list = new BlockList()
  list.addSubnet(base, Number(bits), type)
  return list.check(address, type)
}

/** Whether `url` is an address of `host` (`host[:port]`, the port maybe the usual one). */
export function isAt(url: URL, host: string | undefined): host is string {
  return host !== undefined && new URL(`${url.protocol}//${host}`).host === url.host
}

/** `hostname` as a URL has it. */
export function isLoopback(hostname: string): boolean {
  return (
    hostname === 'localhost' ||
    hostname.endsWith('.localhost') ||
    hostname === '[::1]' ||
    /^127(\.\d+){3}$/.test(hostname)
  )
}
