import { expect, test } from 'vitest'
import { parseConfig, parseIndex, parseManifest } from '../../../src/images/documents.js'
import { BadInputError } from '../../../src/model/errors.js'

const digest = `sha256:${'a'.repeat(64)}`
const config = { architecture: 'amd64', os: 'linux', rootfs: { type: 'layers', diff_ids: [digest] } }
const manifest = {
  schemaVersion: 2,
  config: { mediaType: 'application/vnd.oci.image.config.v1+json', digest, size: 2 },
  layers: [{ mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', digest, size: 3 }],
}
const asConfig = (value: unknown) => parseConfig(JSON.stringify(value), 'c')
const asManifest = (value: unknown) => parseManifest(JSON.stringify(value), 'm')

test('parseConfig() passes unknown fields through', () => {
  expect(asConfig({ ...config, 'moby.buildkit': 1 })).toMatchObject({ 'moby.buildkit': 1 })
})

test('parseConfig() reads the nulls that Go writes for empty values', () => {
  const nulls = {
    Env: null,
    Cmd: null,
    Entrypoint: null,
    Labels: null,
    Volumes: null,
    ExposedPorts: null,
    OnBuild: null,
  }
  expect(asConfig({ ...config, config: nulls, history: null, rootfs: { diff_ids: null } })).toMatchObject({
    config: nulls,
    rootfs: { type: 'layers', diff_ids: [] },
  })
  expect(asConfig({ ...config, config: null }).config).toBeUndefined()
})

test.each([
  ['an empty object', {}],
  ['a list', []],
  ['a diffID that is no digest', { ...config, rootfs: { diff_ids: [`${digest}/../x`] } }],
  ['an Env that holds a number', { ...config, config: { Env: ['A=b', 1] } }],
  ['a Cmd that is a string', { ...config, config: { Cmd: 'sh' } }],
  ['Labels that are a list', { ...config, config: { Labels: ['a'] } }],
  ['a label that is an object', { ...config, config: { Labels: { a: {} } } }],
  ['a User that is a number', { ...config, config: { User: 0 } }],
  ['Volumes that are a list', { ...config, config: { Volumes: ['/data'] } }],
  ['a history of strings', { ...config, history: ['x'] }],
])('parseConfig() refuses %s', (_, value) => {
  expect(() => asConfig(value)).toThrow(BadInputError)
})

test.each([
  ['schema 1', { ...manifest, schemaVersion: 1 }],
  ['a config without digest', { ...manifest, config: { ...manifest.config, digest: undefined } }],
  ['a sha512 digest', { ...manifest, config: { ...manifest.config, digest: `sha512:${'a'.repeat(128)}` } }],
  ['an upper-case digest', { ...manifest, config: { ...manifest.config, digest: digest.toUpperCase() } }],
  ['a fractional size', { ...manifest, layers: [{ ...manifest.layers[0], size: 0.5 }] }],
  ['a huge size', { ...manifest, layers: [{ ...manifest.layers[0], size: 2 ** 60 }] }],
  ['an artifact', { ...manifest, config: { ...manifest.config, mediaType: 'application/vnd.oci.empty.v1+json' } }],
  ['an annotation that is a number', { ...manifest, annotations: { a: 1 } }],
])('parseManifest() refuses %s', (_, value) => {
  expect(() => asManifest(value)).toThrow(BadInputError)
})

test('parseManifest() knows the layer types of OCI and Docker', () => {
  for (const mediaType of [
    'application/vnd.oci.image.layer.v1.tar',
    'application/vnd.oci.image.layer.v1.tar+zstd',
    'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip',
    'application/vnd.docker.image.rootfs.diff.tar.gzip',
    'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip',
  ])
    expect(asManifest({ ...manifest, layers: [{ ...manifest.layers[0], mediaType }] }).layers).toHaveLength(1)
})

test('parseIndex() refuses what has no list of descriptors', () => {
  for (const value of [{ schemaVersion: 2 }, { schemaVersion: 2, manifests: {} }, { schemaVersion: 2, manifests: [1] }])
    expect(() => parseIndex(JSON.stringify(value), 'i')).toThrow(BadInputError)
  expect(() => parseIndex('nonsense', 'i')).toThrow('read: i: not JSON')
})
