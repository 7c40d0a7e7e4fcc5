// Measures lichen against its peer, side by side in one run, as whoever calls it (scripts/bench/run arranges the rest), and
// prints the figures as JSON. Containers and images live under a directory of our own; nothing else on the machine is touched.
// Usage: node scripts/bench/bench.mjs [PATTERN]; with a pattern only rows whose names match it, and no memory.

import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, release, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { CROWD, crowdMemory, listCrowdRows, makeTalker, measureHealth, startCrowd } from './crowd.mjs'
import { listImageRows, prepareImages } from './image-rows.mjs'
import { startRegistry } from './registry.mjs'
import { listRows } from './rows.mjs'

// A certificate bundle costs every Node start tens of milliseconds: it is unset for both sides.
delete process.env.NODE_EXTRA_CA_CERTS

const IDLE = 3
/** Monitors share their program's pages, so their memory is measured with few and with more of them. */
const MANY = 10
const repository = resolve(import.meta.dirname, '../..')
const directory = mkdtempSync(join(tmpdir(), 'lichen-bench-'))
const cache = process.env.LICHEN_TEST_CACHE ?? join(process.env.HOME, '.cache/lichen-test')
const PULL_ROUNDS = 3

function engineIn(name, store) {
  const places = ['--root', join(directory, `${name}-${store}`), '--runroot', join(directory, `${name}-${store}-run`)]
  return name === 'lichen'
    ? ['node', join(repository, 'bin/lichen.cjs'), ...places]
    : ['podman', '--cgroup-manager', 'cgroupfs', ...places]
}

const engines = { lichen: engineIn('lichen', 'main'), podman: engineIn('podman', 'main') }
// The kernel gives a user 200 keys, and two hundred containers of two engines would take one each.
const withoutKeyrings = join(directory, 'podman-without-keyrings.conf')
writeFileSync(withoutKeyrings, '[containers]\nkeyring = false\n')
const crowdEngines = {
  lichen: engineIn('lichen', 'crowd'),
  podman: ['env', `CONTAINERS_CONF=${withoutKeyrings}`, ...engineIn('podman', 'crowd')],
}
/** What is measured with images must not meet what runs containers. */
const imageEngines = Object.fromEntries(
  Object.keys(engines).map((name) => [
    name,
    { pull: engineIn(name, 'pull'), push: engineIn(name, 'push'), list: engineIn(name, 'list') },
  ]),
)

function run([program, ...args], input) {
  return execFileSync(program, args, {
    encoding: 'utf8',
    input,
    maxBuffer: 2 ** 26,
    stdio: ['pipe', 'pipe', 'inherit'],
  }).trim()
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)]
}

/** How far the middle half of the samples spreads, as a share of the median: how noisy the machine was. */
function spread(values) {
  const sorted = [...values].sort((a, b) => a - b)
  return (sorted[Math.floor(sorted.length * 0.75)] - sorted[Math.floor(sorted.length * 0.25)]) / median(values)
}

function summarize(row) {
  const order = JSON.stringify({ rounds: row.rounds, sides: row.sides })
  const samples = JSON.parse(run(['python3', join(import.meta.dirname, 'measure.py')], order))
  const sides = Object.entries(samples).map(([name, { wallMs, cpuMs }]) => ({
    name,
    wallMs: { median: median(wallMs), min: Math.min(...wallMs), spread: spread(wallMs) },
    cpuMs: { median: median(cpuMs), min: Math.min(...cpuMs), spread: spread(cpuMs) },
  }))
  const [ours, peer] = sides
  const verdicts = Object.entries(row.budgets).map(([figure, budget]) => ({
    figure,
    budget,
    ratio: ours[figure].median / peer[figure].median,
  }))
  return { name: row.name, n: row.rounds, verdicts, sides }
}

/** Proportional set sizes, in kB, of the monitors of our idle containers. */
function monitorMemory(name) {
  return readdirSync('/proc')
    .filter(
      (pid) =>
        /^\d+$/.test(pid) && commandLine(pid).includes(directory) && commandLine(pid).split('\0')[0].endsWith(name),
    )
    .map((pid) => Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))[1]))
}

function commandLine(pid) {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    return ''
  }
}

function summarizeMemory(count) {
  const [ours, theirs] = [monitorMemory('lichen-monitor'), monitorMemory('conmon')]
  if (ours.length !== count || theirs.length !== count)
    throw new Error(`find monitors: ${ours.length} and ${theirs.length} of ${count}`)
  return { n: count, budgetKb: 60, lichenPssKb: median(ours), conmonPssKb: median(theirs) }
}

function measurePullMemory({ ref }) {
  const peak = ({ pull }) => {
    const values = Array.from({ length: PULL_ROUNDS }, () => {
      run([...pull, 'rmi', '--all', '--force'])
      const argv = [...pull, 'pull', '--quiet', '--tls-verify=false', ref]
      return Number(run(['python3', join(import.meta.dirname, 'peak-memory.py'), ...argv]))
    })
    return median(values)
  }
  const [lichenKb, podmanKb] = [peak(imageEngines.lichen), peak(imageEngines.podman)]
  return { n: PULL_ROUNDS, budgetKb: 150 * 1024, lichenKb, podmanKb }
}

function startIdle(engine, from, to) {
  for (let index = from; index < to; index += 1) {
    run([...engine, 'run', '-d', '--network', 'none', '--name', `c${index}`, 'box', 'sleep', '3600'])
  }
}

function prepare() {
  for (const engine of Object.values(engines)) {
    run([...engine, 'import', join(cache, 'box.tar'), 'box'])
    run([...engine, 'import', join(cache, 'debian.tar.gz'), 'debian'])
    startIdle(engine, 0, IDLE)
  }
}

function clean() {
  const all = [...Object.values(engines), ...Object.values(crowdEngines)]
  for (const engine of all) run([...engine, 'rm', '--all', '--force', '--time', '0'])
  const stores = readdirSync(directory, { withFileTypes: true }).filter((entry) => entry.isDirectory())
  run([...engines.podman, 'unshare', 'rm', '-rf', ...stores.map(({ name }) => join(directory, name))])
  rmSync(directory, { recursive: true, force: true })
}

async function measureImages(matches) {
  if (!listImageRows(imageEngines, { target: {}, files: {} }).some(matches)) return { rows: [] }
  const [source, target] = await Promise.all(['source', 'target'].map((name) => startRegistry(join(directory, name))))
  const files = { big: join(cache, 'big.oci.tar'), bigArchive: join(cache, 'big.docker.tar'), directory }
  try {
    const refs = prepareImages(imageEngines, { source, target, files })
    const rows = listImageRows(imageEngines, { target, files, ...refs })
      .filter(matches)
      .map(summarize)
    return pattern === undefined ? { rows, pullMemory: measurePullMemory(refs) } : { rows }
  } finally {
    source.stop()
    target.stop()
  }
}

function measureContainers(matches) {
  const files = { debian: join(cache, 'debian.tar.gz'), scratch: join(directory, 'untarred') }
  const wanted = listRows(engines, files).filter(matches)
  if (wanted.length === 0) return { rows: [] }
  prepare()
  const few = summarizeMemory(IDLE)
  const rows = wanted.map(summarize)
  if (pattern !== undefined) return { rows }
  for (const engine of Object.values(engines)) startIdle(engine, IDLE, MANY)
  return { rows, memory: [few, summarizeMemory(MANY)] }
}

/** `startSeconds` of all, one after the other; memory of what holds them; health checks' share of a core. */
async function measureCrowd(matches) {
  const wanted = listCrowdRows(crowdEngines).filter(matches)
  if (wanted.length === 0) return { rows: [] }
  for (const engine of Object.values(crowdEngines)) run([...engine, 'import', join(cache, 'box.tar'), 'box'])
  makeTalker(run, crowdEngines)
  const startSeconds = startCrowd(run, crowdEngines)
  const memory = crowdMemory(directory)
  const rows = wanted.map(summarize)
  if (pattern !== undefined) return { rows }
  run([...crowdEngines.lichen, 'rm', '--all', '--force', '--time', '0'])
  return {
    rows,
    crowd: { n: CROWD, startSeconds, ...memory, health: await measureHealth(run, crowdEngines.lichen, directory) },
  }
}

const machine = {
  date: new Date().toISOString().slice(0, 10),
  cpu: `${cpus().length} × ${cpus()[0].model}`,
  kernel: release(),
  node: process.version,
  podman: run(['podman', '--version']),
  crun: run(['crun', '--version']).split('\n')[0],
}
const loadBefore = readFileSync('/proc/loadavg', 'utf8').split(' ')[0]
const [pattern] = process.argv.slice(2)
const matches = ({ name }) => pattern === undefined || new RegExp(pattern).test(name)
try {
  const containers = measureContainers(matches)
  const crowd = await measureCrowd(matches)
  const images = await measureImages(matches)
  const loadAfter = readFileSync('/proc/loadavg', 'utf8').split(' ')[0]
  const rows = [...containers.rows, ...crowd.rows, ...images.rows]
  const figures = {
    machine: { ...machine, loadBefore, loadAfter },
    rows,
    pullMemory: images.pullMemory,
    memory: containers.memory,
    crowd: crowd.crowd,
  }
  console.log(JSON.stringify({ schema: 2, ...figures }, null, 2))
} finally {
  clean()
}
