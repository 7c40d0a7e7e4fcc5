import { expect, test } from 'vitest'
import {
  annotateList,
  applyChange,
  changeEntry,
  listIdOf,
  newList,
  publishList,
  sourceOf,
  withEntry,
  withoutEntry,
  withSource,
} from '../../../src/images/list-document.js'
import { NotFoundError } from '../../../src/model/errors.js'
import type { Descriptor, Digest } from '../../../src/model/image.js'

const digest = (letter: string): Digest => `sha256:${letter.repeat(64)}`
const OCI = 'application/vnd.oci.image.manifest.v1+json'
const DOCKER = 'application/vnd.docker.distribution.manifest.v2+json'
const entry = (letter: string, more: Partial<Descriptor> = {}): Descriptor => ({
  mediaType: OCI,
  size: 7,
  digest: digest(letter),
  platform: { architecture: 'amd64', os: 'linux' },
  ...more,
})
const ID = 'f'.repeat(64)

test('a list keeps its ID when its document changes, and one made elsewhere is known by its digest', () => {
  const list = withEntry(newList(ID), entry('a'))
  expect(listIdOf(list, digest('0'))).toBe(ID)
  expect(listIdOf(publishList(list), digest('0'))).toBe('0'.repeat(64))
})

test('withEntry() replaces the entry of an image that is there already, in its place', () => {
  const list = [entry('a'), entry('b'), entry('a', { platform: { architecture: 'arm', os: 'linux' } })]
  const { manifests } = list.reduce(withEntry, newList(ID))
  expect(manifests.map((it) => [it.digest, it.platform?.architecture])).toEqual([
    [digest('a'), 'arm'],
    [digest('b'), 'amd64'],
  ])
})

test('changeEntry() changes what was said and nothing else; annotations are added', () => {
  const before = entry('a', { annotations: { kept: '1', changed: '1' } })
  const list = changeEntry(withEntry(newList(ID), before), digest('a'), {
    architecture: 'arm64',
    variant: 'v8',
    osVersion: '10.0',
    osFeatures: ['win32k'],
    features: ['sse4'],
    annotations: { changed: '2', added: '' },
  })
  expect(list.manifests).toEqual([
    {
      ...before,
      platform: {
        architecture: 'arm64',
        os: 'linux',
        variant: 'v8',
        'os.version': '10.0',
        'os.features': ['win32k'],
        features: ['sse4'],
      },
      annotations: { kept: '1', changed: '2', added: '' },
    },
  ])
})

test('changeEntry() and withoutEntry() throw NotFoundError when the list has no such image', () => {
  const list = withEntry(newList(ID), entry('a'))
  expect(() => changeEntry(list, digest('b'), {})).toThrow(NotFoundError)
  expect(() => withoutEntry(list, digest('b'))).toThrow(NotFoundError)
  expect(withoutEntry(list, digest('a')).manifests).toEqual([])
})

test('publishList() leaves out what only we need, and nothing else', () => {
  const list = withEntry(newList(ID, { said: 'yes' }), withSource(entry('a', { annotations: { k: 'v' } }), 'host/x:1'))
  expect(sourceOf(list.manifests[0] ?? entry('a'))).toBe('host/x:1')
  expect(publishList(list)).toEqual({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.index.v1+json',
    manifests: [entry('a', { annotations: { k: 'v' } })],
    annotations: { said: 'yes' },
  })
  expect(JSON.stringify(publishList(withEntry(newList(ID), withSource(entry('a'), 'host/x:1'))))).not.toMatch(
    /annotations|lichen/,
  )
})

test("publishList() takes Docker's format when all images have it and nothing needs OCI's", () => {
  const mediaTypeOf = (list: Parameters<typeof publishList>[0]) => publishList(list).mediaType?.split('.')[1]
  const docker = withSource(entry('a', { mediaType: DOCKER }), 'host/x:1')
  expect(mediaTypeOf(withEntry(newList(ID), docker))).toBe('docker')
  expect(mediaTypeOf(withEntry(withEntry(newList(ID), docker), entry('b')))).toBe('oci')
  expect(mediaTypeOf(withEntry(newList(ID), applyChange(docker, { annotations: { a: 'b' } })))).toBe('oci')
  expect(mediaTypeOf(annotateList(withEntry(newList(ID), docker), { a: 'b' }))).toBe('oci')
  expect(mediaTypeOf(newList(ID))).toBe('oci')
})

test("publishList() in Docker's format has no annotations, which that has not", () => {
  const list = annotateList(withEntry(newList(ID), entry('a', { annotations: { k: 'v' } })), { said: 'yes' })
  expect(publishList(list, 'docker')).toEqual({
    schemaVersion: 2,
    mediaType: 'application/vnd.docker.distribution.manifest.list.v2+json',
    manifests: [entry('a')],
  })
})
