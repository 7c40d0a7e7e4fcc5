// Measures lichen against its peer, side by side in one run, as whoever calls it (scripts/bench/run arranges the rest), and
// prints the figures as JSON. Containers live under a directory of our own; nothing else on the machine is touched.

import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { cpus, release, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { listRows } from './rows.mjs'

// A certificate bundle costs every Node start tens of milliseconds: it is unset for both sides.
delete process.env.NODE_EXTRA_CA_CERTS

const IDLE = 3
/** Monitors share their program's pages, so their memory is measured with few and with more of them. */
const MANY = 10
const repository = resolve(import.meta.dirname, '../..')
const directory = mkdtempSync(join(tmpdir(), 'lichen-bench-'))
const cache = process.env.LICHEN_TEST_CACHE ?? join(process.env.HOME, '.cache/lichen-test')
const engines = {
  lichen: [
    'node',
    join(repository, 'bin/lichen.cjs'),
    '--root',
    join(directory, 'l'),
    '--runroot',
    join(directory, 'lr'),
  ],
  podman: [
    'podman',
    '--cgroup-manager',
    'cgroupfs',
    '--root',
    join(directory, 'p'),
    '--runroot',
    join(directory, 'pr'),
  ],
}

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
  const ratio = ours[row.figure].median / peer[row.figure].median
  return { name: row.name, figure: row.figure, n: row.rounds, budget: row.budget, ratio, sides }
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
  for (const engine of Object.values(engines)) {
    run([...engine, 'rm', '--all', '--force', '--time', '0'])
    run([...engine, 'unshare', 'rm', '-rf', ...readdirSync(directory).map((name) => join(directory, name))])
  }
  rmSync(directory, { recursive: true, force: true })
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
try {
  prepare()
  const files = { debian: join(cache, 'debian.tar.gz'), scratch: join(directory, 'untarred') }
  const few = summarizeMemory(IDLE)
  const rows = listRows(engines, files).map(summarize)
  for (const engine of Object.values(engines)) startIdle(engine, IDLE, MANY)
  const memory = [few, summarizeMemory(MANY)]
  const loadAfter = readFileSync('/proc/loadavg', 'utf8').split(' ')[0]
  console.log(JSON.stringify({ schema: 1, machine: { ...machine, loadBefore, loadAfter }, rows, memory }, null, 2))
} finally {
  clean()
}
