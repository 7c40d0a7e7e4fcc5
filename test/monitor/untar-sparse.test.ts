// `untar` makes sparse files of all notations (GNU tar manual, "Storing Sparse Files") and refuses maps that are none.

import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { closeSync, ftruncateSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { base256, type PaxRecords, padded, type TarEntry, tar, tarEntry } from './tar-writer.js'
import { MONITOR, SANITIZED, untar, untarTree } from './trees.js'

type Segment = readonly [offset: number | bigint, size: number | bigint]
const MIB = 1 << 20

/** An old GNU sparse entry; segments beyond the fourth go into blocks of their own. */
function gnuSparse(name: string, segments: readonly Segment[], realSize: number | bigint, data: Buffer): Buffer {
  const fields = segments.map(([offset, size]) =>
    Buffer.concat([base256(BigInt(offset), 12), base256(BigInt(size), 12)]),
  )
  const more: Buffer[] = []
  for (let at = 4; at < fields.length; at += 21) {
    const block = Buffer.alloc(512)
    Buffer.concat(fields.slice(at, at + 21)).copy(block)
    block[504] = fields.length > at + 21 ? 1 : 0
    more.push(block)
  }
  const header: TarEntry = {
    name,
    type: 'S',
    magic: 'gnu',
    size: data.length,
    patch: [
      { at: 386, bytes: Buffer.concat(fields.slice(0, 4)) },
      { at: 482, bytes: Buffer.from([fields.length > 4 ? 1 : 0]) },
      { at: 483, bytes: base256(BigInt(realSize), 12) },
    ],
  }
  return Buffer.concat([tarEntry(header), ...more, padded(data)])
}

function sparse(records: PaxRecords, data: string | Buffer = ''): Buffer {
  return tar({ name: 'GNUSparseFile.0/s', data, pax: records })
}

function map10(segments: readonly Segment[], data: string): Buffer {
  return Buffer.concat([
    padded(Buffer.from(`${segments.length}\n${segments.map(([o, n]) => `${o}\n${n}\n`).join('')}`)),
    Buffer.from(data),
  ])
}

const version10: PaxRecords = [
  ['GNU.sparse.major', '1'],
  ['GNU.sparse.minor', '0'],
]

describe.each([MONITOR, SANITIZED])('untar (%s)', (program) => {
  test('untar makes a sparse file when GNU tar wrote it, in every format it knows', async () => {
    const scratch = mkdtempSync(join(tmpdir(), 'lichen-sparse-'))
    onTestFinished(() => rmSync(scratch, { recursive: true }))
    const path = join(scratch, 'holes')
    const fd = openSync(path, 'w')
    for (let i = 0; i < 60; i++) writeSync(fd, `piece ${i}`.padEnd(4096, '.'), i * MIB)
    ftruncateSync(fd, 100 * MIB)
    closeSync(fd)
    const sha256 = createHash('sha256')
      .update(execFileSync('cat', [path], { maxBuffer: 200 * MIB }))
      .digest('hex')
    for (const format of ['--format=gnu', '--sparse-version=0.0', '--sparse-version=0.1', '--sparse-version=1.0']) {
      const formats = format === '--format=gnu' ? [format] : ['--format=pax', format]
      const archive = execFileSync('tar', ['-cSf', '-', '-C', scratch, ...formats, 'holes'])
      const tree = await untarTree(archive, { program })
      expect([format, tree.holes]).toMatchObject([format, { size: 100 * MIB, sha256 }])
      expect([format, (tree.holes?.blocks ?? Infinity) * 512 < 2 * MIB]).toEqual([format, true])
    }
  })

  test('untar counts only the bytes that are there, and none of a hole', async () => {
    const result = await untar(tar(gnuSparse('s', [[1 << 30, 3]], 1n << 40n, Buffer.from('abc'))), {
      program,
      args: ['--max-bytes', '10000'],
    })
    expect(result).toMatchObject({ code: 0, stdout: 'entries=1 bytes=3 devices_skipped=0 xattrs_skipped=0\n' })
  })

  test('untar takes name and size of a pax sparse file from its records', async () => {
    const tree = await untarTree(
      sparse([...version10, ['GNU.sparse.name', 'real'], ['GNU.sparse.realsize', '20']], map10([[10, 3]], 'abc')),
      { program },
    )
    expect(tree).toMatchObject({ real: { size: 20, text: `${'\0'.repeat(10)}abc${'\0'.repeat(7)}` } })
  })

  test('untar charges whole disk blocks for every piece of a sparse file', async () => {
    const pieces = Array.from({ length: 100 }, (_, i) => [i * 8192, 1] as const)
    const archive = tar(gnuSparse('s', pieces, 8192 * 100, Buffer.alloc(100, 'x')))
    expect(await untar(archive, { program, args: ['--max-bytes', '100000'] })).toMatchObject({ code: 3 })
    expect(await untar(archive, { program, args: ['--max-bytes', '500000'] })).toMatchObject({ code: 0 })
  })

  const bad: Record<string, Buffer> = {
    'overlapping pieces': tar(
      gnuSparse(
        's',
        [
          [0, 3],
          [2, 3],
        ],
        10,
        Buffer.from('abcdef'),
      ),
    ),
    'pieces out of order': tar(
      gnuSparse(
        's',
        [
          [5, 1],
          [0, 1],
        ],
        10,
        Buffer.from('ab'),
      ),
    ),
    'a piece beyond the end': tar(gnuSparse('s', [[8, 3]], 10, Buffer.from('abc'))),
    'a piece whose end overflows': tar(
      gnuSparse('s', [[(1n << 63n) - 1n, (1n << 63n) - 1n]], (1n << 63n) - 1n, Buffer.from('abc')),
    ),
    'a negative offset': tar(gnuSparse('s', [[-1n, 3]], 10, Buffer.from('abc'))),
    'more data than pieces': tar(gnuSparse('s', [[0, 2]], 10, Buffer.from('abc'))),
    'more pieces than data': tar(gnuSparse('s', [[0, 4]], 10, Buffer.from('abc'))),
    'a negative real size': tar(gnuSparse('s', [[0, 3]], -1n, Buffer.from('abc'))),
    'an old map that never ends': Buffer.concat([
      tarEntry({ name: 's', type: 'S', patch: [{ at: 482, bytes: '\x01' }] }),
      Buffer.alloc(51200, 1),
    ]),
    'a list with letters': sparse(
      [
        ['GNU.sparse.map', '0,1,x,2'],
        ['GNU.sparse.size', '10'],
      ],
      'abc',
    ),
    'a list of odd length': sparse(
      [
        ['GNU.sparse.map', '0,1,5'],
        ['GNU.sparse.size', '10'],
      ],
      'a',
    ),
    'a list with a trailing comma': sparse(
      [
        ['GNU.sparse.map', '0,1,'],
        ['GNU.sparse.size', '10'],
      ],
      'a',
    ),
    'a map without a size': sparse([['GNU.sparse.map', '0,1']], 'a'),
    'a size without an offset': sparse(
      [
        ['GNU.sparse.numbytes', '1'],
        ['GNU.sparse.size', '10'],
      ],
      'a',
    ),
    'lines with letters': sparse([...version10, ['GNU.sparse.realsize', '20']], padded(Buffer.from('1\n1x\n3\n'))),
    'lines that do not end': sparse([...version10, ['GNU.sparse.realsize', '20']], Buffer.alloc(512, '1')),
    'more lines than data': sparse([...version10, ['GNU.sparse.realsize', '20']], padded(Buffer.from('9999\n1\n1\n'))),
    'a huge number of lines': sparse(
      [...version10, ['GNU.sparse.realsize', '20']],
      padded(Buffer.from('9223372036854775807\n')),
    ),
    'no lines': sparse([...version10, ['GNU.sparse.realsize', '20']]),
    'an unknown version': sparse(
      [
        ['GNU.sparse.major', '2'],
        ['GNU.sparse.minor', '0'],
        ['GNU.sparse.realsize', '20'],
      ],
      map10([[0, 1]], 'a'),
    ),
    'a file too large for any disk': tar(gnuSparse('s', [], (1n << 63n) - 1n, Buffer.alloc(0))),
  }
  test.each(Object.entries(bad))('untar refuses a sparse file with %s', async (_what, archive) => {
    const result = await untar(archive, { program })
    expect(result.code).toBe(1)
    expect(result.stderr).toMatch(/^lichen-monitor: untar: [^\n]+\n$/)
  })
})
