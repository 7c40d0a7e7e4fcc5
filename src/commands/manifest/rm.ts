// lichen manifest rm

import { forEachName } from '../../cli/each.js'
import { toggle } from '../../cli/flags.js'
import { writeOut } from '../../cli/output.js'
import { BaseCommand } from '../base-command.js'

export default class ManifestRm extends BaseCommand {
  static override summary = 'Remove one or more lists'
  static override description =
    'Takes a name from a list; with its last name, or when named by ID, the list goes. The images it names stay.'
  static override usage = '[options] LIST [LIST...]'
  static override examples = ['lichen manifest rm app:1']
  static override flags = { ignore: toggle('A list that does not exist is no error', { char: 'i' }) }
  static override group = 'Images' as const
  static override arity = { min: 1, max: Infinity, of: 'list' }

  override async run(): Promise<number> {
    const { flags, argv } = await this.parse(ManifestRm)
    const { removeManifestList } = await import('../../engine/manifest-rm.js')
    const engine = await this.openEngine()
    return forEachName(
      argv as string[],
      { ...this.errorContext, missingExitCode: 1, ignoreMissing: flags.ignore, quiet: true },
      async (name) => {
        const { untagged, deleted } = await removeManifestList(engine, name)
        for (const untaggedName of untagged) writeOut(`Untagged: ${untaggedName}\n`)
        for (const id of deleted) writeOut(`Deleted: ${id}\n`)
      },
    )
  }
}
