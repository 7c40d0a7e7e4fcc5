// lichen diff

import { asText, value } from '../cli/flags.js'
import { writeOut } from '../cli/output.js'
import { latestFlag } from '../cli/target-flags.js'
import { checkChangesFormat, fileChangesText } from '../cli/views/file-changes.js'
import { UsageError } from '../model/errors.js'
import { BaseCommand } from './base-command.js'

export default class Diff extends BaseCommand {
  static override summary = 'Show what a container or an image changed'
  static override description =
    'Shows the files that a container adds (A), changes (C) and deletes (D) in its image, or the topmost layer of an image in those below; with\na second container or image what the first one has more, other or less than that.'
  static override usage = '[options] CONTAINER|IMAGE [CONTAINER|IMAGE]'
  static override examples = ['lichen diff web', 'lichen diff web:2 web:1 --format json', 'lichen diff --latest']
  static override flags = { format: value('"json"', asText), ...latestFlag }
  static override group = 'Containers' as const
  static override arity = { min: 0, max: 2, of: 'container or image' }

  override async run(): Promise<void> {
    const { flags, argv } = await this.parse(Diff)
    const names = argv as string[]
    if (names.length === 0 && !flags.latest) throw new UsageError('name a container or an image, or use --latest')
    checkChangesFormat(flags.format)
    const { diffObjects } = await import('../engine/diff.js')
    const engine = await this.openEngine()
    const [name, base] = flags.latest ? [await this.target(engine, names, true)] : names
    writeOut(fileChangesText(await diffObjects(engine, name ?? '', base), flags.format))
  }
}
