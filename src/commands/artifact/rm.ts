// lichen artifact rm

import { forEachName } from '../../cli/each.js'
import { toggle } from '../../cli/flags.js'
import { writeOut } from '../../cli/output.js'
import { UsageError } from '../../model/errors.js'
import { BaseCommand } from '../base-command.js'

export default class ArtifactRm extends BaseCommand {
  static override summary = 'Remove one or more artifacts'
  static override description = 'Removes artifacts, by name or digest, and the files that no other one has.'
  static override usage = '[options] ARTIFACT [ARTIFACT...]'
  static override examples = ['lichen artifact rm registry.example.com/models:1', 'lichen artifact rm --all']
  static override hiddenAliases = ['artifact:remove']
  static override flags = {
    all: toggle('Every artifact', { char: 'a' }),
    ignore: toggle('An artifact that does not exist is no error', { char: 'i' }),
  }
  static override group = 'Images' as const
  static override arity = { min: 0, max: Infinity, of: 'artifact' }

  override async run(): Promise<number> {
    const { flags, argv } = await this.parse(ArtifactRm)
    if (flags.all === argv.length > 0)
      throw new UsageError(
        flags.all ? 'when using --all, no artifact may be named' : 'name at least one artifact, or use --all',
      )
    const { listArtifacts, removeArtifact } = await import('../../engine/artifacts.js')
    const engine = await this.openEngine()
    const names = flags.all ? listArtifacts(engine).map(({ artifact }) => artifact.name) : (argv as string[])
    return forEachName(names, { ...this.errorContext, ignoreMissing: flags.ignore, quiet: true }, async (name) => {
      const digest = await removeArtifact(engine, name)
      writeOut(`Deleted: ${digest.slice('sha256:'.length)}\n`)
    })
  }
}
