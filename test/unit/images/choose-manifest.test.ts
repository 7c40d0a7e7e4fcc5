import { expect, test } from 'vitest'
import { chooseManifest, type Document } from '../../../src/images/choose-manifest.js'
import { BadInputError, NotFoundError } from '../../../src/model/errors.js'
import type { Descriptor, Digest } from '../../../src/model/image.js'
import { toBlob } from '../../support/image-archive.js'

const OCI = 'application/vnd.oci.image'
const known = new Map<string, Document>()

function document(content: object, mediaType: string): Document {
  const { bytes, digest } = toBlob(content)
  const made = { bytes, digest: digest as Digest, mediaType }
  known.set(digest, made)
  return made
}

/** Its content does not matter here: only its name does. */
const manifest = (name: string): Document => document({ name }, `${OCI}.manifest.v1+json`)

function index(...entries: readonly { readonly of: Document; readonly platform?: string }[]): Document {
  const manifests = entries.map(({ of, platform }) => {
    const [os, architecture, variant] = platform?.split('/') ?? []
    const said = platform === undefined ? {} : { platform: { os, architecture, variant } }
    return { mediaType: of.mediaType, digest: of.digest, size: of.bytes.length, ...said }
  })
  return document({ schemaVersion: 2, manifests }, `${OCI}.index.v1+json`)
}

const choose = (root: Document, architecture = 'amd64') =>
  chooseManifest(root, {
    platform: { os: 'linux', architecture },
    subject: 'app',
    get: async ({ digest }: Descriptor) => known.get(digest) as Document,
  })

const [amd64, arm64, attestation] = ['amd64', 'arm64', 'attestation'].map(manifest) as [Document, Document, Document]

test('chooseManifest() takes a manifest as it is, whatever it is for', async () => {
  expect(await choose(amd64, 's390x')).toBe(amd64)
})

test('chooseManifest() finds the one for the platform, also in nested indexes', async () => {
  const inner = index({ of: arm64, platform: 'linux/arm64/v8' })
  const root = index(
    { of: attestation, platform: 'unknown/unknown' },
    { of: inner },
    { of: amd64, platform: 'linux/amd64' },
  )
  expect(await choose(root)).toBe(amd64)
  expect(await choose(root, 'arm64')).toBe(arm64)
})

test('chooseManifest() tells what there is when nothing is for the platform', async () => {
  const root = index({ of: attestation, platform: 'unknown/unknown' }, { of: arm64, platform: 'linux/arm64/v8' })
  await expect(choose(root)).rejects.toThrow(NotFoundError)
  await expect(choose(root)).rejects.toMatchObject({
    message: 'choose image: app: it has none for linux/amd64',
    hint: 'it has linux/arm64/v8',
  })
})

test('chooseManifest() refuses what is no image, and nesting without an end', async () => {
  await expect(choose(document({}, 'text/html'))).rejects.toThrow('read: app: text/html is no image')
  let nested = index({ of: arm64, platform: 'linux/arm64' })
  for (let depth = 0; depth < 6; depth++) nested = index({ of: nested })
  await expect(choose(nested)).rejects.toThrow(BadInputError)
})
