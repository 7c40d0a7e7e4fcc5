// bench/results.json → docs/benchmarks.md. Usage: node scripts/bench/report.mjs RESULTS MARKDOWN

import { readFileSync, writeFileSync } from 'node:fs'

const [results, target] = process.argv.slice(2)
const { machine, rows, memory, pullMemory, crowd } = JSON.parse(readFileSync(results, 'utf8'))

function cell({ median, min }) {
  return `${median.toFixed(1)} [${min.toFixed(1)}]`
}

const FIGURES = { wallMs: 'wall time', cpuMs: 'CPU time' }

function verdict({ figure, budget, ratio }, peer) {
  const isKept = ratio <= budget ? 'kept' : '**missed**'
  return `lichen needs **${ratio.toFixed(2)}×** the ${FIGURES[figure]} of \`${peer}\`; the budget is ${budget}×: ${isKept}.`
}

/** The spread is that of the first figure with a budget. */
function table({ name, n, verdicts, sides }) {
  const [{ figure }] = verdicts
  const lines = sides.map(
    (side) =>
      `| ${side.name.replaceAll('|', '\\|')} | ${cell(side.wallMs)} | ${cell(side.cpuMs)} | ${Math.round(side[figure].spread * 100)} % |`,
  )
  return `## ${name}

${verdicts.map((each) => verdict(each, sides[1].name)).join('\n')} n = ${n}.

| side | wall, ms: median [min] | CPU, ms: median [min] | spread |
| --- | --- | --- | --- |
${lines.join('\n')}
`
}

function memoryRow({ n, budgetKb, lichenPssKb, conmonPssKb }) {
  const verdict = lichenPssKb <= budgetKb ? 'kept' : '**missed**'
  return `| ${n} | ${lichenPssKb} kB | ${conmonPssKb} kB | ${budgetKb} kB: ${verdict} |`
}

const page = `# Benchmarks

Written by \`npm run bench\`, from \`bench/results.json\`. Both sides alternate in one run, as the same unprivileged user on the same
machine; CPU time includes everything a command starts, also what outlives it. *Spread* is the middle half of the samples over
their median: how noisy the machine was. Trust ratios, not milliseconds.

Measured ${machine.date} on ${machine.cpu}, Linux ${machine.kernel}, Node ${machine.node}, ${machine.podman}, ${machine.crun};
load average ${machine.loadBefore} before and ${machine.loadAfter} after.

${rows.map(table).join('\n')}
## Memory of a pull

The most that \`pull\` of the big image and everything it starts have resident at one time; the median of ${pullMemory.n} pulls. The budget is
${pullMemory.budgetKb / 1024} MB whatever the image's size: ${pullMemory.lichenKb <= pullMemory.budgetKb ? 'kept' : '**missed**'}.

| side | MB |
| --- | --- |
| lichen | ${Math.round(pullMemory.lichenKb / 1024)} |
| podman | ${Math.round(pullMemory.podmanKb / 1024)} |

## Memory of an idle container's monitor

Proportional set size (PSS): monitors share the pages of their program, so one of many costs less than one of few. Medians.

| containers | lichen-monitor | conmon | budget |
| --- | --- | --- | --- |
${memory.map(memoryRow).join('\n')}

## ${crowd.n} containers

Started one after the other, the engines in turn; then the memory (PSS) of everything that belongs to them beside what runs in them.

| side | seconds for all | memory |
| --- | --- | --- |
| lichen | ${crowd.startSeconds.lichen.toFixed(1)} | ${(crowd.lichenPssKb / 1024).toFixed(1)} MB |
| podman | ${crowd.startSeconds.podman.toFixed(1)} | ${(crowd.podmanPssKb / 1024).toFixed(1)} MB |

${crowd.health.n} more with a health check every 30 s use ${(crowd.health.share * 100).toFixed(1)} % of one core for it; the budget is
${crowd.health.budget * 100} %: ${crowd.health.share <= crowd.health.budget ? 'kept' : '**missed**'}. Each of their monitors has ${crowd.health.pssKb} kB; the budget is 100 kB:
${crowd.health.pssKb <= 100 ? 'kept' : '**missed**'}. podman checks health by systemd's timers, which are not there on this machine.
`
writeFileSync(target, page)
