// What the `system` commands print: podman's tables and words, and one line for each finding.

import { expect, test } from 'vitest'
import { findingText, summaryText } from '../../../src/cli/views/system-check.js'
import { storeUsageText } from '../../../src/cli/views/system-df.js'
import { pruneText, pruneWarning } from '../../../src/cli/views/system-prune.js'
import type { ContainerView } from '../../../src/model/container.js'
import type { LocalImage } from '../../../src/model/image.js'
import type { StoreUsage } from '../../../src/model/store-usage.js'

const NOW = Date.parse('2026-01-02T00:00:00Z')
const image = { id: 'ab'.repeat(32), names: ['localhost/box:latest', 'quay.io/a/b:1'] } as unknown as LocalImage
const view = {
  status: 'exited',
  record: {
    id: 'cd'.repeat(32),
    name: 'web',
    createdAt: '2026-01-01T22:00:00Z',
    plan: { image: { id: image.id }, process: { args: ['sleep', '1'] } },
  },
} as unknown as ContainerView

const usage: StoreUsage = {
  totalBytes: 6_500_000,
  summaries: [
    { type: 'Images', total: 2, active: 1, sizeBytes: 6_126_981, reclaimableBytes: 3_985_726 },
    { type: 'Local Volumes', total: 0, active: 0, sizeBytes: 0, reclaimableBytes: 0 },
  ],
  images: [{ image, createdMs: NOW - 3 * 3_600_000, sizeBytes: 2_141_255, sharedBytes: 1000, containers: 1 }],
  containers: [{ view, sizeBytes: 307_200, volumes: 2 }],
  volumes: [{ name: 'data', links: 1, sizeBytes: 51_200 }],
  parts: [{ name: 'Blobs of one image', count: 3, sizeBytes: 6_500_000 }],
}

test('system df prints podman’s table, with what is reclaimable in percent', () => {
  expect(storeUsageText(usage, { verbose: false }, NOW)).toBe(
    [
      'TYPE           TOTAL       ACTIVE      SIZE        RECLAIMABLE',
      'Images         2           1           6.127MB     3.986MB (65%)',
      'Local Volumes  0           0           0B          0B (0%)',
      '',
    ].join('\n'),
  )
})

test('system df --verbose has a table for each kind, and the parts with their sum', () => {
  expect(storeUsageText(usage, { verbose: true }, NOW)).toBe(
    [
      'Images space usage:',
      '',
      'REPOSITORY     TAG         IMAGE ID      CREATED     SIZE        SHARED SIZE  UNIQUE SIZE  CONTAINERS',
      'localhost/box  latest      abababababab  3 hours     2.141MB     1kB          2.14MB       1',
      'quay.io/a/b    1           abababababab  3 hours     2.141MB     1kB          2.14MB       1',
      '',
      'Containers space usage:',
      '',
      'CONTAINER ID  IMAGE         COMMAND     LOCAL VOLUMES  SIZE        CREATED     STATUS      NAMES',
      'cdcdcdcdcdcd  abababababab  sleep 1     2              307.2kB     2 hours     exited      web',
      '',
      'Local Volumes space usage:',
      '',
      'VOLUME NAME  LINKS       SIZE',
      'data         1           51.2kB',
      '',
      'Store space usage:',
      '',
      'PART                COUNT       SIZE',
      'Blobs of one image  3           6.5MB',
      'Total                           6.5MB',
      '',
    ].join('\n'),
  )
})

test('system df --format takes json, templates of one row, and with --verbose of the whole', () => {
  expect(JSON.parse(storeUsageText(usage, { verbose: false, format: 'json' }, NOW))).toEqual([
    {
      ...{ Type: 'Images', Total: 2, Active: 1, RawSize: 6_126_981, RawReclaimable: 3_985_726, TotalCount: 2 },
      ...{ Size: '6.127MB', Reclaimable: '3.986MB (65%)' },
    },
    {
      ...{ Type: 'Local Volumes', Total: 0, Active: 0, RawSize: 0, RawReclaimable: 0, TotalCount: 0 },
      ...{ Size: '0B', Reclaimable: '0B (0%)' },
    },
  ])
  expect(storeUsageText(usage, { verbose: false, format: '{{.Type}}={{.RawSize}}' }, NOW)).toBe(
    'Images=6126981\nLocal Volumes=0\n',
  )
  expect(storeUsageText(usage, { verbose: true, format: '{{len .Images}} {{.TotalSize}}' }, NOW)).toBe('2 6.5MB\n')
  expect(JSON.parse(storeUsageText(usage, { verbose: true, format: 'json' }, NOW))).toMatchObject({
    Volumes: [{ VolumeName: 'data', Links: 1, Size: '51.2kB' }],
    Store: [{ Part: 'Blobs of one image', Count: 3 }],
  })
})

const pruned = {
  containers: ['c1', 'c2'],
  volumes: [],
  images: ['i1'],
  leftovers: ['staging/x'],
  freedBytes: 4_344_000,
}

test('system prune prints podman’s sections, leaving out the empty ones', () => {
  expect(pruneText(pruned, { dryRun: false })).toBe(
    'Deleted Containers\nc1\nc2\nDeleted Images\ni1\nDeleted Leftovers\nstaging/x\nTotal reclaimed space: 4.344MB\n',
  )
  const dry = pruneText({ ...pruned, containers: [], images: [], leftovers: [], volumes: ['v'] }, { dryRun: true })
  expect(dry).toBe('Would delete Volumes\nv\nTotal reclaimable space: 4.344MB\n')
})

test('system prune warns of what it is about to remove', () => {
  expect(pruneWarning({ all: false, volumes: false })).toBe(
    'This command removes:\n\t- all stopped containers\n\t- all dangling images\n\t- what interrupted commands have left behind\n',
  )
  expect(pruneWarning({ all: true, volumes: true })).toContain('all volumes not used by at least one container')
})

test('system check prints a finding in one line whatever a file is called', () => {
  const finding = { object: 'layer 12', problem: 'a\n\u001b[31mb: missing' }
  expect(findingText(finding)).toBe('layer 12: a\\x0a\\x1b[31mb: missing\n')
  expect(findingText({ ...finding, problem: 'x', repair: 'unpacked again' })).toBe(
    'layer 12: x: repaired: unpacked again\n',
  )
  expect(findingText({ ...finding, problem: 'x', obstacle: 'in use' })).toBe('layer 12: x: not repaired: in use\n')
})

test('system check ends with a line that says how much was looked at', () => {
  const counts = { images: 1, blobs: 3, layers: 2, containers: 0, volumes: 1, unverifiedLayers: 0 }
  expect(summaryText({ ...counts, findings: 0, repaired: 0 }, { repair: false })).toBe(
    'No problems found in 1 image, 3 blobs, 2 layers, 0 containers, 1 volume\n',
  )
  expect(summaryText({ ...counts, findings: 2, repaired: 1, unverifiedLayers: 1 }, { repair: true })).toBe(
    '2 problems found, 1 repaired in 1 image, 3 blobs, 2 layers, 0 containers, 1 volume; 1 layer could not be compared\n',
  )
  expect(summaryText({ ...counts, findings: 1, repaired: 0 }, { repair: false })).toContain('system check --repair')
})
