import { expect, test } from 'vitest'
import { digestName, fileNameOf, newArtifact, withFiles } from '../../../src/images/artifact-document.js'
import { detectMediaType } from '../../../src/images/detect-media-type.js'
import { BadInputError, ConflictError } from '../../../src/model/errors.js'
import type { Descriptor } from '../../../src/model/image.js'
import { sha256 } from '../../../src/platform/digest.js'

const TITLE = 'org.opencontainers.image.title'
const file = (title?: string): Descriptor => ({
  mediaType: 'text/plain',
  digest: `sha256:${'a'.repeat(64)}`,
  size: 1,
  ...(title === undefined ? {} : { annotations: { [TITLE]: title } }),
})

test("newArtifact() has OCI's empty config, whose digest is that of its bytes, and says when it was made", () => {
  const { config, artifactType, annotations } = newArtifact(new Date(0))
  expect(config.digest).toBe(sha256('{}'))
  expect(config).toMatchObject({ mediaType: 'application/vnd.oci.empty.v1+json', size: 2 })
  expect(artifactType).toBe('application/vnd.unknown.artifact.v1')
  expect(annotations).toEqual({ 'org.opencontainers.image.created': '1970-01-01T00:00:00.000Z' })
  expect(newArtifact(new Date(0), 'a/b').artifactType).toBe('a/b')
})

test('withFiles() refuses a title that is there already, also among the new ones', () => {
  const one = withFiles(newArtifact(new Date(0)), [file('a'), file('b')])
  expect(one.layers).toHaveLength(2)
  expect(() => withFiles(one, [file('b')])).toThrow(ConflictError)
  expect(() => withFiles(one, [file('c'), file('c')])).toThrow(ConflictError)
})

test.each(['../x', '/etc/passwd', 'a/b', '..', '.', 'a\0b'])('fileNameOf() refuses the title %j', (title) => {
  expect(() => fileNameOf(file(title))).toThrow(BadInputError)
})

test('fileNameOf() is the title, and the digest where there is none', () => {
  for (const title of ['a', '..a', '-rf', 'a b\n', 'ü']) expect(fileNameOf(file(title))).toBe(title)
  expect(fileNameOf(file())).toBe(`sha256-${'a'.repeat(64)}`)
  expect(fileNameOf(file(''))).toBe(digestName(file()))
})

test.each([
  ['hello\n', 'text/plain; charset=utf-8'],
  ['', 'text/plain; charset=utf-8'],
  ['{"a": 1}\r\n\t', 'text/plain; charset=utf-8'],
  ['a\0b', 'application/octet-stream'],
  ['\x1f\x8b\x08\0', 'application/x-gzip'],
  ['PK\x03\x04', 'application/zip'],
  ['%PDF-1.7', 'application/pdf'],
  ['\x89PNG\r\n\x1a\n', 'image/png'],
])('detectMediaType() of %j is %s', (text, type) => {
  expect(detectMediaType(Buffer.from(text, 'latin1'))).toBe(type)
})

test('detectMediaType() looks at the first bytes only', () => {
  expect(detectMediaType(Buffer.from(`${'a'.repeat(512)}\0`))).toBe('text/plain; charset=utf-8')
})
