// Whose turn it is to ask a registry, and for what: policies, short names, all tags of a repository. The pulling itself is pull.ts.

import { findImage } from '../images/image-store.js'
import { searchDomains } from '../images/registry/endpoints.js'
import { openRepository } from '../images/registry/repository.js'
import { LichenError, NotFoundError, UsageError } from '../model/errors.js'
import type { LocalImage } from '../model/image.js'
import { type ImageRef, parseImageRef } from '../model/image-ref.js'
import type { PlatformRequest, PullPolicy, RegistryOptions } from '../model/registry.js'
import type { LayerMapping } from '../storage/layer-names.js'
import { layerMapping } from '../storage/layers.js'
import type { Engine } from './engine.js'
import { completePlatform, type PulledImage, pullReference } from './pull.js'

export interface PullRequest {
  /** As typed: a reference, maybe with `docker://` before it. */
  readonly name: string
  readonly policy: PullPolicy
  readonly registry: RegistryOptions
  readonly platform?: PlatformRequest
  /** Undefined: for containers of the ordinary kind. */
  readonly mapping?: LayerMapping
}

/** Throws NotFoundError when no registry has it (or, with the policy `never`, the store has not); else pullReference's errors. */
export async function pullImage(engine: Engine, request: PullRequest): Promise<PulledImage> {
  const local = findLocal(engine, request)
  if (local !== undefined && (request.policy === 'missing' || request.policy === 'never'))
    return { image: local, warnings: [] }
  if (request.policy === 'never') {
    throw new NotFoundError(`find image: ${request.name}: not in the local store`, {
      hint: 'the pull policy is `never`; `lichen pull` brings it here',
    })
  }
  try {
    return await pullFirst(engine, request)
  } catch (error) {
    if (local === undefined || request.policy !== 'newer' || !(error instanceof LichenError)) throw error
    return { image: local, warnings: [`kept the local ${request.name}: ${error.message}`] }
  }
}

/** Every tag of a repository. The first error is thrown; what was pulled before it stays. */
export async function pullAllTags(engine: Engine, request: PullRequest): Promise<PulledImage[]> {
  const typed = withoutTransport(request.name)
  if (/@|:[^/]*$/.test(typed))
    throw new UsageError(`pull: ${typed}: with --all-tags neither a tag nor a digest may be named`)
  const ref = parseImageRef(typed, searchDomains(engine.facts)[0])
  const { facts, report } = engine
  const tags = await openRepository({ facts, ref, purpose: 'pull', options: request.registry, report }).listTags()
  const pulled: PulledImage[] = []
  for (const tag of tags) pulled.push(await pullReference(engine, { ...ref, tag }, toOptions(engine, request)))
  return pulled
}

/** The local image of that name and, if one was asked for, that platform. */
function findLocal({ paths }: Engine, { name, platform }: PullRequest): LocalImage | undefined {
  try {
    const image = findImage(paths, withoutTransport(name))
    if (platform === undefined) return image
    const { os, architecture, variant } = completePlatform(platform)
    const { config } = image
    const fits = config.os === os && config.architecture === architecture
    return fits && (platform.variant === undefined || config.variant === variant) ? image : undefined
  } catch (error) {
    if (error instanceof NotFoundError) return undefined
    throw error
  }
}

/** A short name is looked for in one domain after the other. */
async function pullFirst(engine: Engine, request: PullRequest): Promise<PulledImage> {
  const refs = toReferences(engine, withoutTransport(request.name))
  const last = refs.at(-1)
  for (const ref of refs) {
    try {
      return await pullReference(engine, ref, toOptions(engine, request))
    } catch (error) {
      if (ref === last || !(error instanceof NotFoundError)) throw error
    }
  }
  throw new Error('no domain to search')
}

function toReferences({ facts }: Engine, typed: string): ImageRef[] {
  const refs = searchDomains(facts).map((domain) => parseImageRef(typed, domain))
  const [first] = refs
  return refs.every((ref) => ref.domain === first?.domain) ? refs.slice(0, 1) : refs
}

function toOptions(engine: Engine, { registry, platform, mapping }: PullRequest) {
  return {
    registry,
    mapping: mapping ?? layerMapping(engine),
    ...(platform === undefined ? {} : { platform }),
  }
}

const TRANSPORT = /^(docker|oci|dir|oci-archive|docker-archive|docker-daemon|containers-storage):/

function withoutTransport(name: string): string {
  const transport = TRANSPORT.exec(name)?.[1]
  if (transport === undefined) return name
  if (name.startsWith('docker://')) return name.slice('docker://'.length)
  throw new UsageError(`pull: ${name}: only registries are pulled from`, {
    hint: 'archives and directories are read with `lichen load -i PATH`',
  })
}
