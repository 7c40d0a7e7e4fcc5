// Reading tar archives: what the package behind it does not know of.

import { expect, test } from 'vitest'
import { readTarEntries } from '../../../src/platform/archive.js'
import { type TarEntry, tar } from '../../monitor/tar-writer.js'

async function* once(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes
}

test('readTarEntries tells the name and size of a sparse file, whatever stands in its header', async () => {
  const sparse: TarEntry = {
    name: 'GNUSparseFile.0/sparse',
    data: '1\n9\n1\n'.padEnd(512, '\0').concat('x'),
    pax: [
      ['GNU.sparse.major', '1'],
      ['GNU.sparse.minor', '0'],
      ['GNU.sparse.name', 'dir/file'],
      ['GNU.sparse.realsize', '10'],
    ],
  }
  const seen: (readonly [string, number])[] = []
  await readTarEntries(once(tar(sparse, { name: 'plain', data: 'abc' })), 'test', ({ name, sizeBytes }) => {
    seen.push([name, sizeBytes])
    return undefined
  })
  expect(seen).toEqual([
    ['dir/file', 10],
    ['plain', 3],
  ])
})
