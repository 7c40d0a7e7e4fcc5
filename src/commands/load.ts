// lichen load

import { asText, toggle, value } from '../cli/flags.js'
import { writeOut } from '../cli/output.js'
import { onlySaid } from '../cli/run-request.js'
import { BaseCommand } from './base-command.js'

export default class Load extends BaseCommand {
  static override summary = 'Load images from an archive'
  static override description =
    'Reads an archive written by `save` (oci-archive or docker-archive, plain or compressed with gzip) and keeps the images in it under their names.'
  static override usage = '[options]'
  static override examples = [
    'lichen load -i images.tar',
    'skopeo copy docker://alpine oci-archive:/dev/stdout | lichen load',
  ]
  static override aliases = ['image:load']
  static override flags = {
    input: value('Archive to read; standard input unless said', asText, { char: 'i' }),
    quiet: toggle('No progress', { char: 'q' }),
  }
  static override group = 'Images' as const

  override async run(): Promise<void> {
    const { flags } = await this.parse(Load)
    const { loadImages } = await import('../engine/load.js')
    const request = { quiet: flags.quiet, ...onlySaid({ input: flags.input }) }
    for (const name of await loadImages(await this.openEngine(), request)) writeOut(`Loaded image: ${name}\n`)
  }
}
