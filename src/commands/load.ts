// lichen load

import { asText, toggle, value } from '../cli/flags.js'
import { onlySaid } from '../cli/only-said.js'
import { writeOut } from '../cli/output.js'
import { parseSize } from '../cli/values/size.js'
import { BaseCommand } from './base-command.js'

export default class Load extends BaseCommand {
  static override summary = 'Load images from an archive'
  static override description =
    'Reads what `save` writes (oci-archive, docker-archive, also compressed as a whole with gzip or zstd; the directories oci-dir and docker-dir) and keeps the images in it under their names. All of them are there afterwards, or none.'
  static override usage = '[options]'
  static override examples = [
    'lichen load -i images.tar',
    'skopeo copy docker://alpine oci-archive:/dev/stdout | lichen load',
  ]
  static override aliases = ['image:load']
  static override flags = {
    input: value('Archive, directory or http(s) URL to read; standard input unless said', asText, { char: 'i' }),
    'max-unpacked-size': value('Refuse an archive that holds more than this', parseSize, { type: 'size' }),
    quiet: toggle('Print no warnings', { char: 'q' }),
  }
  static override group = 'Images' as const

  override async run(): Promise<void> {
    const { flags } = await this.parse(Load)
    const { loadImages } = await import('../engine/load.js')
    const request = onlySaid({ input: flags.input, maxUnpackedBytes: flags['max-unpacked-size'] })
    const { images, warnings } = await loadImages(await this.openEngine(), request)
    if (!flags.quiet) this.showWarnings(warnings)
    for (const { id, names } of images) {
      for (const name of names.length > 0 ? names : [`sha256:${id}`]) writeOut(`Loaded image: ${name}\n`)
    }
  }
}
