// The rows of the benchmark: for each the same work as lichen's and as its peer's command line, and the budget that was promised.
// A row is { name, budgets: { wallMs and cpuMs, or one of them }, rounds, sides }; the first side is lichen, the second its peer.

const RUN = ['run', '--rm', '--network', 'none', 'box', 'true']
const NODE = { argv: ['node', '-e', '0'], before: null }

function side(argv, before = null) {
  return { argv, before }
}

/** `engines`: { lichen, podman } argv prefixes; `files`: { debian, scratch }. */
export function listRows({ lichen, podman }, files) {
  const untar = `rm -rf ${files.scratch} && mkdir ${files.scratch}`
  return [
    {
      name: '`run --rm --network none box true`',
      budgets: { wallMs: 0.35 },
      rounds: 30,
      sides: { lichen: side([...lichen, ...RUN]), podman: side([...podman, ...RUN]), 'node -e 0': NODE },
    },
    {
      name: '`exec c0 true`',
      budgets: { wallMs: 0.35 },
      rounds: 30,
      sides: {
        lichen: side([...lichen, 'exec', 'c0', 'true']),
        podman: side([...podman, 'exec', 'c0', 'true']),
        'node -e 0': NODE,
      },
    },
    {
      name: '`ps` with 3 containers',
      budgets: { cpuMs: 1 },
      rounds: 40,
      sides: { lichen: side([...lichen, 'ps']), podman: side([...podman, 'ps']), 'node -e 0': NODE },
    },
    {
      name: '`import` of a Debian tar.gz',
      budgets: { cpuMs: 1.1 },
      rounds: 5,
      sides: {
        lichen: side([...lichen, 'import', files.debian, 'debian'], [...lichen, 'rmi', '--force', 'debian']),
        'gzip -dc | tar -x': side(
          ['sh', '-c', `gzip -dc ${files.debian} | tar -x --exclude='./dev/*' -C ${files.scratch}`],
          ['sh', '-c', untar],
        ),
        'podman import': side(
          [...podman, 'import', '--quiet', files.debian, 'debian'],
          [...podman, 'rmi', '--force', 'debian'],
        ),
      },
    },
  ]
}
