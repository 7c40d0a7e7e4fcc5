// lichen container diff

import { asText, value } from '../../cli/flags.js'
import { writeOut } from '../../cli/output.js'
import { latestFlag } from '../../cli/target-flags.js'
import { checkChangesFormat, fileChangesText } from '../../cli/views/file-changes.js'
import { BaseCommand } from '../base-command.js'

export default class ContainerDiff extends BaseCommand {
  static override summary = 'Show what a container changed'
  static override description =
    'Shows the files that a container adds (A), changes (C) and deletes (D) in its image, at this moment.'
  static override usage = '[options] CONTAINER'
  static override examples = ['lichen container diff web', 'lichen container diff --latest --format json']
  static override flags = { format: value('"json"', asText), ...latestFlag }
  static override group = 'Containers' as const
  static override arity = { min: 0, max: 1, of: 'container' }

  override async run(): Promise<void> {
    const { flags, argv } = await this.parse(ContainerDiff)
    checkChangesFormat(flags.format)
    const { diffContainer } = await import('../../engine/diff.js')
    const engine = await this.openEngine()
    const name = await this.target(engine, argv as string[], flags.latest)
    writeOut(fileChangesText(await diffContainer(engine, name), flags.format))
  }
}
