// lichen inside a container of lichen: as its root with podman's capabilities only, and with everything a container can be given.

import { copyFileSync, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect } from 'vitest'
import { lichenTest } from '../support/container-test.js'
import { imagePath } from '../support/images.js'
import type { Lichen } from '../support/lichen.js'

const cases = [
  ['nothing more is given', []],
  ['seccomp is off and nothing is masked', ['--security-opt', 'seccomp=unconfined', '--security-opt', 'unmask=ALL']],
  ['it is privileged', ['--privileged']],
] as const

for (const [condition, options] of cases) {
  lichenTest(`a container runs a container of its own when ${condition}`, async ({ lichen }) => {
    const inner = 'node -- "$0" --root /store/root --runroot /store/run'
    const script = `${inner} import -q /store/box.tar box && ${inner} run --rm box sh -c "id -u; echo from the inside"`
    const output = await lichen.ok(
      'run',
      '--rm',
      ...options,
      ...hostPrograms(lichen),
      'box',
      'sh',
      '-c',
      script,
      programPath(lichen),
    )
    expect(output.split('\n').slice(1)).toEqual(['0', 'from the inside'])
    // the end of the outer container ends the inner monitor, perhaps while it removes files that are not ours to remove
    await lichen.ok('unshare', 'rm', '-rf', join(lichen.directory, 'store'))
  })
}

/** The machine's own programs and libraries, this repository, and a place to keep the inner store. */
function hostPrograms(lichen: Lichen): string[] {
  const store = join(lichen.directory, 'store')
  mkdirSync(store)
  copyFileSync(imagePath('box.tar'), join(store, 'box.tar'))
  const repository = dirname(dirname(programPath(lichen)))
  const places = ['/usr', '/lib', '/lib64', repository].map((place) => `${place}:${place}:ro`)
  return [...places, `${store}:/store`]
    .flatMap((volume) => ['-v', volume])
    .concat('-e', `PATH=${dirname(process.execPath)}:/usr/bin:/bin:/usr/sbin`, '-e', 'HOME=/store')
}

const programPath = (lichen: Lichen): string => lichen.argv.find((word) => word.endsWith('/lichen.cjs')) ?? ''
