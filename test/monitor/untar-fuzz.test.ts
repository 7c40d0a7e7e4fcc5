// `untar` survives every prefix of an archive and thousands of seeded mutations of it: untar-fuzz.c, with sanitizers.
// LICHEN_FUZZ_CASES and LICHEN_FUZZ_SEED make it run longer or elsewhere.

import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { mustRun } from '../support/process.js'
import { base256, gnuLong, type PaxRecords, paxData, paxHeader, type TarEntry, tar } from './tar-writer.js'
import { actors, inMemory, openScratch } from './trees.js'

const cases = process.env.LICHEN_FUZZ_CASES ?? '2000'
const timeoutMs = 60_000 + Number(cases)
const seed = process.env.LICHEN_FUZZ_SEED ?? '1'
const sources = join(import.meta.dirname, '../../src/monitor')

/** Compiles the fuzzer with the program's parts. */
async function buildFuzzer(target: string): Promise<void> {
  const parts = readdirSync(sources).filter((name) => name.endsWith('.c') && name !== 'main.c')
  const flags = ['-std=c11', '-D_GNU_SOURCE', '-g', '-O1', '-fsanitize=address,undefined', '-fno-sanitize-recover=all']
  const files = [join(import.meta.dirname, 'untar-fuzz.c'), ...parts.map((name) => join(sources, name))]
  await mustRun(['cc', ...flags, '-Wl,--wrap=die', `-I${sources}`, '-o', target, ...files])
}

const version10: PaxRecords = [
  ['GNU.sparse.major', '1'],
  ['GNU.sparse.minor', '0'],
  ['GNU.sparse.realsize', '9'],
]
const oldSparse: TarEntry = {
  name: 'd/old',
  type: 'S',
  magic: 'gnu',
  data: 'xy',
  patch: [
    { at: 386, bytes: Buffer.concat([1n, 2n].map((number) => base256(number, 12))) },
    { at: 483, bytes: base256(9n, 12) },
  ],
}

// Every kind of header, each in as few blocks as it can have.
const headers = tar(
  { name: 'd/', type: '5', mode: 0o1755 },
  {
    name: 'd/f',
    data: 'content',
    mode: 0o4755,
    pax: [
      ['path', 'd/file'],
      ['mtime', '1.5'],
      ['SCHILY.xattr.user.a', 'b'],
    ],
  },
  gnuLong('L', 'd/long'),
  { name: 's', data: '1\n0\n1\n'.padEnd(512, '\0').concat('x'), pax: version10 },
  oldSparse,
)

const trees = tar(
  paxHeader('g', paxData([['uid', '7']])),
  { name: 'd/', type: '5' },
  { name: 'd/file', data: 'content' },
  { name: 'd/hard', type: '1', link: 'd/file' },
  { name: 'd/link', type: '2', link: '../d' },
  { name: 'd/link/through', data: 'x' },
  { name: 'd/.wh.gone' },
  { name: 'd/gone/', type: '5' },
  { name: 'e/.wh..wh..opq' },
  { name: 'pipe', type: '6' },
  { name: 'zero', type: '3', major: 0, minor: 0 },
  gnuLong('K', '../../outside'),
  { name: 'up', type: '2', link: 'x' },
  { name: 'up', data: 'file now' },
  { name: 'out', type: '2', link: '../..' },
  { name: 'out/escaped', data: 'x' },
  { name: 'abs', type: '2', link: '/' },
  { name: 'abs/again', type: '1', link: 'out/escaped' },
  { name: 'd', type: '2', link: 'e' },
  { name: 'd/again', data: 'x' },
  {
    name: 's',
    data: 'ab',
    pax: [
      ['GNU.sparse.map', '1,1,5,1'],
      ['GNU.sparse.size', '9'],
    ],
  },
)

test.each([
  ['headers', headers, []],
  ['trees', trees, []],
  ['trees, into a tree that is in use,', trees, ['into']],
])(
  'untar survives prefixes and mutations of an archive of %s',
  async (_what, archive, words) => {
    const actor = actors.at(-1)
    if (actor === undefined) throw new Error('nobody to test as')
    const scratch = openScratch(actor, inMemory)
    const fuzzer = join(scratch.directory('bin'), 'fuzzer')
    await buildFuzzer(fuzzer)
    const work = scratch.directory('work')
    await scratch.run(['sh', '-c', 'printf untouched >"$1/outside"', 'sh', work])
    const result = await scratch.run([fuzzer, work, seed, cases, ...words], archive, timeoutMs)
    expect(result).toMatchObject({ code: 0, stderr: '' })
    expect(Number(result.stdout)).toBe(archive.length + 1 + Number(cases))
  },
  60_000 + Number(cases),
)
