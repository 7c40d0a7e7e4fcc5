// lichen volume rm

import { forEachName } from '../../cli/each.js'
import { asUint, toggle, value } from '../../cli/flags.js'
import { onlySaid } from '../../cli/only-said.js'
import { writeOut } from '../../cli/output.js'
import { UsageError } from '../../model/errors.js'
import { BaseCommand } from '../base-command.js'

export default class VolumeRm extends BaseCommand {
  static override summary = 'Remove one or more volumes'
  static override description =
    'Removes volumes with all that is in them, and prints their names. A volume that a container uses is only removed with --force, and the container with it.'
  static override usage = '[options] VOLUME [VOLUME...]'
  static override examples = ['lichen volume rm data', 'lichen volume rm --all']
  static override hiddenAliases = ['volume:remove']
  static override flags = {
    all: toggle('Every volume', { char: 'a' }),
    force: toggle('Remove the containers that use it, too; a volume that does not exist is no error', { char: 'f' }),
    time: value('Seconds until SIGKILL, with --force', asUint, { char: 't', type: 'uint', defaultHelp: '10' }),
  }
  static override group = 'Containers' as const
  static override arity = { min: 0, max: Infinity, of: 'volume' }

  override async run(): Promise<number> {
    const { flags, argv } = await this.parse(VolumeRm)
    if (flags.all === argv.length > 0) throw new UsageError('choose either one or more volumes or all')
    const { removeVolume } = await import('../../engine/volume-rm.js')
    const { describeVolumes } = await import('../../engine/volumes.js')
    const engine = await this.openEngine()
    const names = flags.all ? describeVolumes(engine).volumes.map(({ Name }) => Name) : (argv as string[])
    const options = { force: flags.force, ...onlySaid({ timeoutS: flags.time }) }
    const context = { ...this.errorContext, quiet: true, missingExitCode: 1, ignoreMissing: flags.force }
    return forEachName(names, context, async (name) => writeOut(`${await removeVolume(engine, name, options)}\n`))
  }
}
