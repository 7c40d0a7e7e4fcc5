// What many containers cost at once: starting them side by side, a hundred idle ones, a hundred whose health is checked; and long logs.
// Engines are argv prefixes; containers lie in stores of the crowd's own, so that `ps` of the other rows stays what it was.

import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

export const CROWD = 100
const AT_ONCE = 16
const LINES = 1_000_000
const HEALTH_INTERVAL_S = 30
/** Two whole intervals. */
const HEALTH_WATCH_MS = 2 * HEALTH_INTERVAL_S * 1000
const TICK_MS = 10

const quote = (argv) => argv.map((word) => `'${word}'`).join(' ')
const side = (argv) => ({ argv, before: null })
const shell = (script) => side(['sh', '-c', script])

/** Rows of the same form as rows.mjs's. */
export function listCrowdRows({ lichen, podman }) {
  const many = (engine) => {
    const one = quote([...engine, 'run', '--rm', '--network', 'none', 'box', 'true'])
    return shell(`for n in $(seq ${AT_ONCE}); do ${one} & done; wait`)
  }
  const logs = (engine, ...flags) => shell(`${quote([...engine, 'logs', ...flags, 'talker'])} >/dev/null`)
  return [
    {
      name: `${AT_ONCE} × \`run --rm\` at once`,
      budgets: { wallMs: 0.4 },
      rounds: 5,
      sides: { lichen: many(lichen), podman: many(podman) },
    },
    {
      name: `\`logs\` of ${LINES} lines`,
      budgets: { wallMs: 1 },
      rounds: 5,
      sides: { lichen: logs(lichen), podman: logs(podman) },
    },
    {
      name: `\`logs -f\` of ${LINES} lines`,
      budgets: { wallMs: 1 },
      rounds: 5,
      sides: { lichen: logs(lichen, '-f'), podman: logs(podman, '-f') },
    },
    {
      name: `\`ps\` with ${CROWD} containers`,
      budgets: { cpuMs: 0.3 },
      rounds: 20,
      sides: { lichen: side([...lichen, 'ps']), podman: side([...podman, 'ps']) },
    },
  ]
}

/** A container whose log holds all its lines, in one file. */
export function makeTalker(run, { lichen, podman }) {
  const talker = ['run', '--name', 'talker', '--network', 'none', '--log-driver', 'k8s-file']
  const say = ['box', 'sh', '-c', `yes "a line of a long log, as long as they are" | head -n ${LINES}`]
  run(['sh', '-c', `${quote([...lichen, ...talker, '--log-opt', 'max-size=-1', ...say])} >/dev/null`])
  run(['sh', '-c', `${quote([...podman, ...talker, ...say])} >/dev/null`])
}

/** Starts the idle ones of each engine in turn. `seconds`: how long all of them took. */
export function startCrowd(run, engines) {
  const seconds = { lichen: 0, podman: 0 }
  for (let index = 0; index < CROWD; index += 1) {
    for (const [name, engine] of Object.entries(engines)) {
      const start = performance.now()
      run([...engine, 'run', '-d', '--network', 'none', '--name', `idle${index}`, 'box', 'sleep', '3600'])
      seconds[name] += (performance.now() - start) / 1000
    }
  }
  return seconds
}

/** Everything that belongs to containers beside what runs in them, in kB of PSS. `directory`: where the stores are. */
export function crowdMemory(directory) {
  const sum = (store, programs) =>
    listProcesses(`${directory}/${store}`, programs)
      .map((pid) => Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))[1]))
      .reduce((total, size) => total + size, 0)
  return { lichenPssKb: sum('lichen-crowd', ['lichen-monitor']), podmanPssKb: sum('podman-crowd', ['conmon']) }
}

/** What a hundred health checks at their usual interval cost, as a share of one core; podman has none without systemd. */
export async function measureHealth(run, lichen, directory) {
  const health = ['--health-cmd', 'true', '--health-interval', `${HEALTH_INTERVAL_S}s`]
  const before = new Set(listProcesses(directory, ['lichen-monitor']))
  for (let index = 0; index < CROWD; index += 1)
    run([...lichen, 'run', '-d', '--network', 'none', '--name', `checked${index}`, ...health, 'box', 'sleep', '3600'])
  const monitors = listProcesses(directory, ['lichen-monitor']).filter((pid) => !before.has(pid))
  const start = [performance.now(), cpuMs(monitors)]
  await sleep(HEALTH_WATCH_MS)
  const [elapsedMs, spentMs] = [performance.now() - start[0], cpuMs(monitors) - start[1]]
  const pss = monitors.map((pid) => Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))[1]))
  return {
    n: monitors.length,
    share: spentMs / elapsedMs,
    budget: 0.02,
    pssKb: pss.sort((a, b) => a - b)[pss.length >> 1],
  }
}

function listProcesses(directory, programs) {
  return readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid)) return false
    const line = commandLine(pid)
    return line.includes(directory) && programs.some((program) => line.split('\0')[0].endsWith(program))
  })
}

function commandLine(pid) {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    return ''
  }
}

/** User and system time of the processes and of all they have waited for. */
function cpuMs(pids) {
  const ticks = pids.map((pid) => {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ')
    return fields.slice(11, 15).reduce((total, value) => total + Number(value), 0)
  })
  return ticks.reduce((total, value) => total + value, 0) * TICK_MS
}
