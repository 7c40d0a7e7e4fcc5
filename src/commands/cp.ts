// lichen cp

import { toggle } from '../cli/flags.js'
import { writeOut } from '../cli/output.js'
import { parseCopyPlaces } from '../cli/values/copy-place.js'
import { BaseCommand } from './base-command.js'

export default class Cp extends BaseCommand {
  static override summary = 'Copy files from, to or between containers'
  static override description =
    'Copies a file or a directory, whether the containers run or not, also through volumes and other mounts. DIR/. means what is in the\ndirectory; a destination that is a directory is copied into. - is a tar archive on standard input or output.'
  static override usage = '[options] [CONTAINER:]SRC_PATH|- [CONTAINER:]DEST_PATH|-'
  static override examples = [
    'lichen cp app.conf web:/etc/app/',
    'lichen cp web:/var/log/. ./logs',
    'lichen cp web:/data - | tar -tf -',
  ]
  static override aliases = ['container:cp']
  static override flags = {
    archive: toggle('In a container the files become those of its user; =false: they keep their owners', {
      char: 'a',
      default: true,
    }),
    'follow-link': toggle('Copy what the source leads to, where it is a link; =false: the link', {
      char: 'L',
      default: true,
    }),
    overwrite: toggle('Let directories take the place of other files, and the other way round'),
    quiet: toggle('Print no warnings', { char: 'q' }),
  }
  static override group = 'Containers' as const
  static override arity = { min: 2, max: 2, of: 'argument' }

  override async run(): Promise<void> {
    const { flags, argv } = await this.parse(Cp)
    const [from = '', to = ''] = argv as string[]
    const [source, destination] = parseCopyPlaces(from, to)
    const { copyFiles } = await import('../engine/cp.js')
    const { archive: chown, 'follow-link': follow, overwrite, quiet } = flags
    const request = { source, destination, chown, follow, overwrite, stdout: writeOut }
    const warnings = await copyFiles(await this.openEngine(), request)
    if (!quiet) this.showWarnings(warnings)
  }
}
