// lichen container cleanup

import { forEachTarget } from '../../cli/each.js'
import { refused, toggle } from '../../cli/flags.js'
import { latestFlag } from '../../cli/target-flags.js'
import { BaseCommand } from '../base-command.js'

export default class ContainerCleanup extends BaseCommand {
  static override summary = 'Clean up after one or more containers that have ended'
  static override description =
    'Takes away mounts and runtime state of containers that have ended. Their monitors do this by themselves; it is for those that were killed.'
  static override usage = '[options] CONTAINER [CONTAINER...]'
  static override examples = ['lichen container cleanup --all', 'lichen container cleanup --rm job']
  static override flags = {
    all: toggle('Every container', { char: 'a' }),
    exec: refused('an exec session leaves nothing behind that could be cleaned up'),
    ...latestFlag,
    rm: toggle('Remove the container, too'),
    rmi: toggle('Remove its image, too'),
  }
  static override group = 'Containers' as const
  static override arity = { min: 0, max: Infinity, of: 'container' }

  override async run(): Promise<number> {
    const { flags, argv } = await this.parse(ContainerCleanup)
    const { cleanupContainer } = await import('../../engine/cleanup-verb.js')
    const engine = await this.openEngine()
    const targets = await this.targets(engine, argv as string[], flags)
    const options = { remove: flags.rm, removeImage: flags.rmi }
    return forEachTarget(targets, this.errorContext, (id) => cleanupContainer(engine, id, options))
  }
}
