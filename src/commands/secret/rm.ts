// lichen secret rm

import { forEachName } from '../../cli/each.js'
import { toggle } from '../../cli/flags.js'
import { writeOut } from '../../cli/output.js'
import { UsageError } from '../../model/errors.js'
import { BaseCommand } from '../base-command.js'

export default class SecretRm extends BaseCommand {
  static override summary = 'Remove one or more secrets'
  static override description =
    'Removes secrets by name or ID, and prints their IDs. Containers that were given one keep what they have.'
  static override usage = '[options] SECRET [SECRET...]'
  static override examples = ['lichen secret rm password', 'lichen secret rm --all']
  static override hiddenAliases = ['secret:remove']
  static override flags = {
    all: toggle('Every secret', { char: 'a' }),
    ignore: toggle('A secret that does not exist is no error', { char: 'i' }),
  }
  static override group = 'Containers' as const
  static override arity = { min: 0, max: Infinity, of: 'secret' }

  override async run(): Promise<number> {
    const { flags, argv } = await this.parse(SecretRm)
    if (flags.all === argv.length > 0)
      throw new UsageError('`lichen secret rm` requires one argument, or the --all flag')
    const { describeSecrets, removeSecret } = await import('../../engine/secrets.js')
    const engine = await this.openEngine()
    const names = flags.all ? describeSecrets(engine).secrets.map(({ Spec }) => Spec.Name) : (argv as string[])
    const context = { ...this.errorContext, quiet: true, ignoreMissing: flags.ignore }
    return forEachName(names, context, async (name) => writeOut(`${removeSecret(engine, name)}\n`))
  }
}
