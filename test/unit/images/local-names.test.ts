import { expect, test } from 'vitest'
import { matchReference } from '../../../src/images/local-names.js'
import type { Descriptor, Digest } from '../../../src/model/image.js'

const digest = (letter: string): Digest => `sha256:${letter.repeat(64)}`

function named(name: string, letter: string): Descriptor {
  const annotations = { 'org.opencontainers.image.ref.name': name }
  return { mediaType: 'application/vnd.oci.image.manifest.v1+json', digest: digest(letter), size: 1, annotations }
}

const find = (text: string, ...entries: Descriptor[]) => matchReference(entries, text)?.digest

const hub = named('docker.io/library/box:latest', 'a')
const local = named('localhost/box:latest', 'b')
const mirror = named('registry.example:5000/box:latest', 'c')

test("matchReference() takes a short name as ours, then as docker.io's", () => {
  expect(find('box', hub, local, mirror)).toBe(digest('b'))
  expect(find('box', hub, mirror)).toBe(digest('a'))
})

test('matchReference() takes a short name from another registry when it is the only one', () => {
  expect(find('box', mirror)).toBe(digest('c'))
  expect(find(`box:latest`, mirror)).toBe(digest('c'))
  expect(find('box:1', mirror)).toBeUndefined()
  expect(find('ox', mirror)).toBeUndefined()
  expect(find('box', mirror, named('quay.example/box:latest', 'd'))).toBeUndefined()
  expect(find('box', named('quay.example/deep/box:latest', 'd'))).toBeUndefined()
})

test('matchReference() never looks elsewhere for a name that says its registry', () => {
  expect(find('docker.io/box', mirror)).toBeUndefined()
  expect(find('localhost/box', mirror)).toBeUndefined()
})
