import { expect, test } from 'vitest'
import { parseDestination } from '../../../src/images/destination.js'

const registry = (domain: string, path: string, tag: string) => ({ kind: 'registry', ref: { domain, path, tag } })

test.each([
  ['docker://quay.io/a/b:1', registry('quay.io', 'a/b', '1')],
  ['quay.io/a/b', registry('quay.io', 'a/b', 'latest')],
  ['localhost:5000/a:1', registry('localhost:5000', 'a', '1')],
  ['app', registry('docker.io', 'library/app', 'latest')],
  ['oci:1', { kind: 'local', format: 'oci-dir', path: '1' }],
  ['oci:/srv/x:a/b:1', { kind: 'local', format: 'oci-dir', path: '/srv/x', name: 'a/b:1' }],
  ['oci-archive:x.tar:v', { kind: 'local', format: 'oci-archive', path: 'x.tar', name: 'v' }],
  ['dir:a:b', { kind: 'local', format: 'docker-dir', path: 'a:b' }],
  ['docker-archive:x.tar', { kind: 'local', format: 'docker-archive', path: 'x.tar' }],
  [
    'docker-archive:x.tar:foo',
    { kind: 'local', format: 'docker-archive', path: 'x.tar', name: 'docker.io/library/foo:latest' },
  ],
])('parseDestination reads %s', (text, expected) => {
  expect(parseDestination(text)).toEqual(expected)
})

test.each([
  [`quay.io/a@sha256:${'a'.repeat(64)}`, /a digest cannot be chosen/],
  ['containers-storage:a', /transport containers-storage is not supported/],
  ['oci:', /names no path/],
  ['Docker://a', /parse image reference/],
])('parseDestination refuses %s', (text, message) => {
  expect(() => parseDestination(text)).toThrow(message)
})
