// lichen export

import { asText, value } from '../cli/flags.js'
import { writeOut } from '../cli/output.js'
import { BaseCommand } from './base-command.js'

export default class Export extends BaseCommand {
  static override summary = "Write a container's files as a tar archive"
  static override description =
    "Writes a container's root file system to a file or to standard output, as an uncompressed tar archive with owners, modes, attributes\nand hard links. What is mounted into the container is left out. `lichen import` makes an image of it."
  static override usage = '[options] CONTAINER'
  static override examples = ['lichen export -o web.tar web', 'lichen export web | lichen import - web-flat']
  static override aliases = ['container:export']
  static override flags = {
    output: value('File to write; standard output unless said', asText, { char: 'o' }),
  }
  static override group = 'Containers' as const
  static override arity = { min: 1, max: 1, of: 'container' }

  override async run(): Promise<void> {
    const { flags, argv } = await this.parse(Export)
    const { exportContainer } = await import('../engine/export.js')
    this.showWarnings(await exportContainer(await this.openEngine(), argv[0] as string, flags.output ?? writeOut))
  }
}
