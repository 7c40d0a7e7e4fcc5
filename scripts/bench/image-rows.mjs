// The rows about images: a big one (four layers) from and to registries on loopback and as a file, and a long list of small ones.
// Both sides in stores of their own, emptied before each round where the row is about what is not there.

import { execFileSync } from 'node:child_process'
import { join } from 'node:path'

const PLAIN_HTTP = '--tls-verify=false'
const MANY = 200

function side(argv, before = null) {
  return { argv, before }
}

function run([program, ...args]) {
  execFileSync(program, args, { stdio: ['ignore', 'ignore', 'inherit'] })
}

/** The big image in the one registry and in the stores that push it, to the other; many small ones in those that list. */
export function prepareImages(engines, { source, target, files }) {
  const ref = `${source.host}/bench/big:latest`
  const words = ['--insecure-policy', '--quiet', '--preserve-digests', '--dest-tls-verify=false']
  run(['skopeo', 'copy', ...words, `oci-archive:${files.big}`, `docker://${ref}`])
  const many = join(files.directory, 'many.tar')
  run(['sh', '-c', `python3 ${join(import.meta.dirname, 'many-images.py')} ${MANY} >${many}`])
  for (const { list, push } of Object.values(engines)) {
    run([...list, 'load', '--quiet', '--input', many])
    run([...push, 'pull', '--quiet', PLAIN_HTTP, ref])
  }
  return { ref, pushed: `${target.host}/bench/big:latest` }
}

/** `engines`: for each { pull, push, list }, argv prefixes with a store for each kind of row. `files`: { big, bigArchive, directory }. */
export function listImageRows({ lichen, podman }, { target, files, ref, pushed }) {
  const pull = ['pull', '--quiet', PLAIN_HTTP, ref]
  const load = ['load', '--quiet', '--input', files.bigArchive]
  const push = ['push', '--quiet', PLAIN_HTTP, ref, pushed]
  const copied = `${files.directory}/copied`
  const empty = (engine) => [...engine, 'rmi', '--all', '--force']
  const forget = ['rm', '-rf', `${target.storage}/docker`]
  const both = (words, before = () => null) => ({
    lichen: side([...lichen.pull, ...words], before(lichen.pull)),
    podman: side([...podman.pull, ...words], before(podman.pull)),
  })
  return [
    {
      name: '`pull` of a big image in four layers',
      budgets: { wallMs: 0.7, cpuMs: 0.8 },
      rounds: 5,
      sides: {
        ...both(pull, empty),
        'skopeo copy to a directory': side(
          [
            'skopeo',
            'copy',
            '--insecure-policy',
            '--quiet',
            '--src-tls-verify=false',
            `docker://${ref}`,
            `dir:${copied}`,
          ],
          ['rm', '-rf', copied],
        ),
      },
    },
    { name: '`pull` of a big image that is there', budgets: { wallMs: 0.5 }, rounds: 15, sides: both(pull) },
    { name: '`load` of a big docker-archive', budgets: { wallMs: 0.7 }, rounds: 5, sides: both(load, empty) },
    {
      name: '`push` of a big image',
      budgets: { wallMs: 0.8 },
      rounds: 5,
      sides: { lichen: side([...lichen.push, ...push], forget), podman: side([...podman.push, ...push], forget) },
    },
    {
      name: `\`images\` with ${MANY} images`,
      budgets: { cpuMs: 0.8 },
      rounds: 20,
      sides: { lichen: side([...lichen.list, 'images']), podman: side([...podman.list, 'images']) },
    },
  ]
}
