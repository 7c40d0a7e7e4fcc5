// lichen rm

import { forEachName } from '../cli/each.js'
import { asUint, toggle, value } from '../cli/flags.js'
import { onlySaid } from '../cli/only-said.js'
import { BaseCommand } from './base-command.js'

export default class Rm extends BaseCommand {
  static override summary = 'Remove one or more containers'
  static override description =
    'Removes containers with their writable layer and logs. A container that runs is only removed with --force. Images stay.'
  static override usage = '[options] CONTAINER [CONTAINER...]'
  static override examples = ['lichen rm web', 'lichen rm --force --all']
  static override aliases = ['container:rm']
  static override hiddenAliases = ['container:remove']
  static override flags = {
    all: toggle('Every container', { char: 'a' }),
    force: toggle('Stop containers that run; a container that does not exist is no error', { char: 'f' }),
    ignore: toggle('A container that does not exist is no error', { char: 'i' }),
    time: value('Seconds until SIGKILL, with --force', asUint, { char: 't', type: 'uint', defaultHelp: '10' }),
    volumes: toggle('Remove its anonymous volumes, too', { char: 'v' }),
  }
  static override group = 'Containers' as const
  static override arity = { min: 0, max: Infinity, of: 'container' }

  override async run(): Promise<number> {
    const { flags, argv } = await this.parse(Rm)
    const { removeContainer } = await import('../engine/rm.js')
    const engine = await this.openEngine()
    const names = await this.targets(engine, argv as string[], flags.all && 'all')
    const options = { force: flags.force, volumes: flags.volumes, ...onlySaid({ timeoutS: flags.time }) }
    const context = { ...this.errorContext, missingExitCode: 1, ignoreMissing: flags.ignore || flags.force }
    return forEachName(names, context, (name) => removeContainer(engine, name, options))
  }
}
