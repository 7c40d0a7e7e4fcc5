import { expect, test } from 'vitest'
import { checkConversion, convertManifest, mustRecompress, targetFormat } from '../../../src/images/convert-manifest.js'
import type { Digest, Manifest } from '../../../src/model/image.js'

const digest = (char: string): Digest => `sha256:${char.repeat(64)}`
const OCI = 'application/vnd.oci.image'
const DOCKER = 'application/vnd.docker'

const oci: Manifest = {
  schemaVersion: 2,
  mediaType: `${OCI}.manifest.v1+json`,
  config: { mediaType: `${OCI}.config.v1+json`, digest: digest('c'), size: 7 },
  layers: [
    { mediaType: `${OCI}.layer.v1.tar+gzip`, digest: digest('a'), size: 1, annotations: { of: 'a' } },
    { mediaType: `${OCI}.layer.v1.tar`, digest: digest('b'), size: 2 },
  ],
  annotations: { of: 'all' },
}
const asTheyAre = [
  { digest: digest('a'), size: 1, compression: 'gzip' },
  { digest: digest('b'), size: 2, compression: 'none' },
] as const

test('convertManifest gives Docker media types and leaves annotations out when the format is docker', () => {
  expect(convertManifest(oci, asTheyAre, 'docker')).toEqual({
    schemaVersion: 2,
    mediaType: `${DOCKER}.distribution.manifest.v2+json`,
    config: { mediaType: `${DOCKER}.container.image.v1+json`, digest: digest('c'), size: 7 },
    layers: [
      { mediaType: `${DOCKER}.image.rootfs.diff.tar.gzip`, digest: digest('a'), size: 1 },
      { mediaType: `${DOCKER}.image.rootfs.diff.tar`, digest: digest('b'), size: 2 },
    ],
  })
})

test('convertManifest there and back names the same blobs when nothing was annotated', () => {
  const { annotations: _, ...bare } = oci
  const [first, second] = oci.layers
  const plain = { ...bare, layers: [{ ...first, annotations: undefined }, second] }
  const there = convertManifest(oci, asTheyAre, 'docker')
  expect(convertManifest(there, asTheyAre, 'oci')).toEqual(plain)
})

test('convertManifest keeps what is said about layers that stay and drops it where the bytes are others', () => {
  const [, second] = asTheyAre
  const { layers, annotations } = convertManifest(
    oci,
    [{ digest: digest('d'), size: 9, compression: 'zstd' }, second],
    'oci',
  )
  expect(annotations).toEqual({ of: 'all' })
  expect(layers).toEqual([{ mediaType: `${OCI}.layer.v1.tar+zstd`, digest: digest('d'), size: 9 }, oci.layers[1]])
})

test('mustRecompress says which layers are compressed again', () => {
  const gzip = (layers: 'plain' | 'other' | 'all') => ({ format: 'gzip', layers }) as const
  const ask = (wanted: Parameters<typeof mustRecompress>[1]) =>
    (['none', 'gzip', 'zstd'] as const).map((current) => mustRecompress(current, wanted))
  expect(ask(undefined)).toEqual([false, false, false])
  expect(ask(gzip('plain'))).toEqual([true, false, false])
  expect(ask(gzip('other'))).toEqual([true, false, true])
  expect(ask(gzip('all'))).toEqual([true, true, true])
})

test('checkConversion refuses zstd layers in docker format, also those that would become it', () => {
  const refusal = expect.objectContaining({
    message: 'convert image: docker format: it cannot hold layers with zstd compression',
    hint: expect.stringContaining('--compression-format gzip'),
  })
  expect(() => checkConversion(['gzip', 'zstd'], undefined, 'docker')).toThrow(refusal)
  expect(() => checkConversion(['gzip'], { format: 'zstd', layers: 'other' }, 'docker')).toThrow(refusal)
  expect(() => checkConversion(['zstd', 'none'], { format: 'gzip', layers: 'other' }, 'docker')).not.toThrow()
  expect(() => checkConversion(['zstd', 'none'], undefined, 'oci')).not.toThrow()
})

test("targetFormat is the image's own unless another is said or it gets zstd", () => {
  const recompression = { format: 'zstd', layers: 'other' } as const
  expect(targetFormat('docker', {})).toBe('docker')
  expect(targetFormat('docker', { recompression })).toBe('oci')
  expect(targetFormat('docker', { recompression, format: 'docker' })).toBe('docker')
  expect(targetFormat('oci', { format: 'docker' })).toBe('docker')
})
