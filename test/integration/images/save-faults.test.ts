// `save` killed, interrupted, without disk space or without a reader: what was there stays, nothing half-written looks whole.

import { createCipheriv } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { tar } from '../../monitor/tar-writer.js'
import { layer, ociArchive } from '../../support/image-archive.js'
import { runProcess } from '../../support/process.js'
import { rootTest, type StoreBench, test } from '../../support/store-test.js'
import { waitFor } from '../../support/wait-for.js'

/** Incompressible, so that writing it takes its time. */
const noise = createCipheriv('aes-128-ctr', Buffer.alloc(16), Buffer.alloc(16)).update(Buffer.alloc(40_000_000))
const big = ociArchive({ layers: [tar({ name: 'noise', data: noise }), layer({ small: '' })], names: ['big:1'] })

async function loadBig({ lichen, write }: StoreBench): Promise<void> {
  await lichen.ok('load', '--quiet', '--input', write('big.tar', big))
}

const temporaries = ({ directory }: StoreBench) => readdirSync(directory).filter((name) => name.endsWith('.tmp'))

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  test(`save ended by ${signal} leaves the archive that was there, and no other file`, async ({ bench }) => {
    await loadBig(bench)
    const output = bench.write('saved.tar', 'what was there')
    const saving = bench.lichen.start('save', '--quiet', '--output', output, 'big:1')
    await waitFor('a half-written archive', () => temporaries(bench).length > 0, { intervalMs: 1 })
    saving.kill(signal)
    const { code } = await saving.ended
    expect(code).toBeGreaterThan(128)
    expect(readFileSync(output, 'utf8')).toBe('what was there')
    expect(temporaries(bench)).toEqual([])
    await bench.lichen.ok('rmi', 'big:1') // sweeps what lay in staging/
  })
}

for (const format of ['docker-archive', 'oci-archive', 'oci-dir', 'docker-dir']) {
  test(`save as ${format} shows nothing that looks whole when it is killed at any moment`, async ({ bench }) => {
    const { lichen } = bench
    await loadBig(bench)
    const output = join(bench.directory, 'saved')
    const whole =
      { 'oci-dir': join(output, 'index.json'), 'docker-dir': join(output, 'manifest.json') }[format] ?? output
    for (let delayMs = 40; delayMs <= 400 && !existsSync(whole); delayMs += 60) {
      const saving = lichen.start('save', '--quiet', '--format', format, '--output', output, 'big:1')
      setTimeout(() => saving.kill('SIGKILL'), delayMs)
      await saving.ended
    }
    if (!existsSync(whole)) await lichen.ok('save', '--quiet', '--format', format, '--output', output, 'big:1')
    // whichever of them made it: what is there under its name is whole
    await lichen.ok('rmi', '--all')
    await lichen.ok('load', '--quiet', '--input', output)
    expect(await lichen.ok('images', '--quiet')).toMatch(/^[0-9a-f]{12}$/)
    await lichen.ok('rmi', '--all')
  })
}

for (const format of ['docker-archive', 'oci-archive', 'oci-dir', 'docker-dir']) {
  rootTest(`save as ${format} on a full disk says so and leaves what was there`, async ({ bench }) => {
    await loadBig(bench)
    const place = join(bench.directory, 'small')
    mkdirSync(place)
    const script = [
      `mount -t tmpfs -o size=8m tmpfs ${place}`,
      `echo before >${place}/saved`,
      `"$@"; echo "code $?"`,
      `cat ${place}/saved; ls -A ${place}; find ${place} -name index.json -o -name manifest.json`,
    ].join('\n')
    const output = join(place, format.endsWith('dir') ? 'dir' : 'saved')
    const words = ['save', '--quiet', '--format', format, '--output', output, 'big:1']
    const ran = await runProcess(['unshare', '-m', 'sh', '-c', script, 'sh', ...bench.lichen.argv, ...words])
    expect(ran.stdout).toBe(format.endsWith('dir') ? 'code 125\nbefore\ndir\nsaved\n' : 'code 125\nbefore\nsaved\n')
    expect(ran.stderr).toMatch(
      /^Error: write: .*no space left on device\nHint: free some space, or write it elsewhere\n$/,
    )
  })
}

test('save to a pipe that nobody reads any more ends with an error', async ({ bench }) => {
  await loadBig(bench)
  const script = '{ "$@"; echo "code $?" >&2; } | head -c 1000 >/dev/null'
  const ran = await runProcess(['sh', '-c', script, 'sh', ...bench.lichen.argv, 'save', '--quiet', 'big:1'])
  expect(ran.stderr).toBe('Error: write: standard output: nobody reads it any more\ncode 125\n')
})
