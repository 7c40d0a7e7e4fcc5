// lichen rm

import { forEachTarget } from '../cli/each.js'
import { toggle, value } from '../cli/flags.js'
import { onlySaid } from '../cli/only-said.js'
import { cidfileFlag, filterFlag, latestFlag } from '../cli/target-flags.js'
import { parseGrace } from '../cli/values/grace.js'
import type { Engine } from '../engine/engine.js'
import type { Target } from '../engine/targets.js'
import { NotFoundError } from '../model/errors.js'
import { BaseCommand } from './base-command.js'

/** podman's exit code when the only failure is a name that means nothing. */
const EXIT_MISSING = 1

export default class Rm extends BaseCommand {
  static override summary = 'Remove one or more containers'
  static override description =
    'Removes containers with their writable layer and logs. A container that runs is only removed with --force. Images stay.'
  static override usage = '[options] CONTAINER [CONTAINER...]'
  static override examples = ['lichen rm web', 'lichen rm --force --all', 'lichen rm --filter status=exited']
  static override aliases = ['container:rm']
  static override hiddenAliases = ['container:remove']
  static override flags = {
    all: toggle('Every container', { char: 'a' }),
    ...cidfileFlag,
    depend: toggle('Those that depend on it, too'),
    ...filterFlag({}),
    force: toggle('Stop containers that run; a container that does not exist is no error', { char: 'f' }),
    ignore: toggle('A container that does not exist is no error', { char: 'i' }),
    ...latestFlag,
    time: value('Seconds until SIGKILL, with --force; -1 for never', parseGrace, {
      char: 't',
      type: 'int',
      defaultHelp: '10',
    }),
    volumes: toggle('Remove its anonymous volumes, too', { char: 'v' }),
  }
  static override group = 'Containers' as const
  static override arity = { min: 0, max: Infinity, of: 'container' }

  override async run(): Promise<number> {
    const { flags, argv } = await this.parse(Rm)
    const { removeContainer } = await import('../engine/rm.js')
    const engine = await this.openEngine()
    const ignoreMissing = flags.ignore || flags.force
    const found = await this.targets(engine, argv as string[], { ...flags, ignore: ignoreMissing }).catch(withExitCode)
    const targets = flags.depend ? await withDependents(engine, found) : found
    const options = { force: flags.force, volumes: flags.volumes, ...onlySaid({ timeoutS: flags.time }) }
    const context = { ...this.errorContext, missingExitCode: EXIT_MISSING, ignoreMissing }
    return forEachTarget(targets, context, (id) => removeContainer(engine, id, options))
  }
}

function withExitCode(error: unknown): never {
  if (!(error instanceof NotFoundError)) throw error
  const hint = error.hint === undefined ? {} : { hint: error.hint }
  throw new NotFoundError(error.message, { cause: error, exitCode: EXIT_MISSING, ...hint })
}

/** In the order in which they can be removed, by their ids as podman tells them. */
async function withDependents(engine: Engine, targets: readonly Target[]): Promise<readonly Target[]> {
  const { withDependents: inOrder } = await import('../engine/dependencies.js')
  const ids = new Set(targets.flatMap(({ id }) => inOrder(engine.paths, id)))
  return [...ids].map((id) => ({ id, shown: id }))
}
