import { expect, test } from 'vitest'
import { artifactsText, artifactText } from '../../../src/cli/views/artifacts.js'
import type { LocalArtifact } from '../../../src/model/artifact.js'

const digest = `sha256:${'d'.repeat(64)}` as const
const artifact = (name: string): LocalArtifact => ({
  digest,
  name,
  sizeBytes: 2_097_152_000,
  manifest: {
    schemaVersion: 2,
    artifactType: 'a/b',
    config: { mediaType: 'c', digest, size: 2 },
    layers: [{ mediaType: 't', digest, size: 2_097_152_000, annotations: { color: 'blue' } }],
    annotations: { 'org.example.key': 'value' },
  },
})
const NOW = Date.parse('2026-01-02T00:00:00Z')
const rows = [
  { artifact: artifact('localhost:5000/deep/art:v1'), created: '2026-01-01T18:00:00Z' },
  { artifact: artifact(`docker.io/library/pinned@${digest}`), created: undefined },
]

test('artifactsText() shows podman columns, and N/A where an artifact does not say when it was made', () => {
  const text = artifactsText(rows, { 'no-trunc': false }, NOW)
  expect(text.split('\n').map((line) => line.split(/ {2,}/).map((cell) => cell.trim()))).toEqual([
    ['REPOSITORY', 'TAG', 'DIGEST', 'CREATED', 'SIZE'],
    ['localhost:5000/deep/art', 'v1', 'd'.repeat(12), '6 hours ago', '2.097GB'],
    ['docker.io/library/pinned', '<none>', 'd'.repeat(12), 'N/A', '2.097GB'],
    [''],
  ])
})

test('artifactsText() does not cut digests with --no-trunc, and has templates', () => {
  expect(artifactsText(rows.slice(0, 1), { 'no-trunc': true, format: '{{.Digest}} {{.VirtualSize}}' }, NOW)).toBe(
    `${'d'.repeat(64)} 2097152000\n`,
  )
  expect(artifactsText([], { 'no-trunc': false }, NOW)).toMatch(/^REPOSITORY /)
  expect(artifactsText(rows, { 'no-trunc': false, noheading: true }, NOW)).not.toContain('REPOSITORY')
})

test('artifactText() is one JSON object, and templates know the fields by their Go names', () => {
  const { manifest, name } = artifact('localhost/art:v1')
  expect(JSON.parse(artifactText(artifact('localhost/art:v1'), 'json'))).toEqual({
    Manifest: manifest,
    Name: name,
    Digest: digest,
  })
  const format =
    '{{.Name}} {{.Manifest.ArtifactType}} {{index .Manifest.Annotations "org.example.key"}} {{.TotalSizeBytes}}{{range .Manifest.Layers}} {{.MediaType}} {{.Annotations.color}}{{end}}'
  expect(artifactText(artifact('localhost/art:v1'), format)).toBe('localhost/art:v1 a/b value 2097152000 t blue\n')
})
