// lichen save

import { asText, toggle, value } from '../cli/flags.js'
import { writeOut } from '../cli/output.js'
import type { SaveFormat } from '../model/image-conversion.js'
import { BaseCommand } from './base-command.js'

const FORMATS: readonly SaveFormat[] = ['docker-archive', 'oci-archive', 'oci-dir', 'docker-dir']

export default class Save extends BaseCommand {
  static override summary = 'Save images to an archive'
  static override description =
    'Writes an image to a file, to a directory or to standard output, for `load` here or elsewhere. Further words are names that the image gets in the archive, or with --multi-image-archive further images.\nThe same image always makes the same archive.'
  static override usage = '[options] IMAGE [NAME...]'
  static override examples = [
    'lichen save -o app.tar app:1',
    'lichen save --format oci-archive app:1 | ssh host lichen load',
    'lichen save -m -o all.tar app:1 db:2',
  ]
  static override aliases = ['image:save']
  static override flags = {
    compress: toggle('With docker-dir: compress layers that are not'),
    format: value(`Form of what is written (${FORMATS.join(', ')})`, asText, {
      default: 'docker-archive',
      choices: FORMATS,
    }),
    'multi-image-archive': toggle('Every word is an image (docker-archive only)', { char: 'm' }),
    output: value('File or directory to write; standard output unless said', asText, { char: 'o' }),
    quiet: toggle('Show no progress', { char: 'q' }),
    uncompressed: toggle('With the OCI formats: leave layers that are not compressed as they are'),
  }
  static override group = 'Images' as const
  static override arity = { min: 1, max: Infinity, of: 'image' }

  override async run(): Promise<void> {
    const { flags, argv } = await this.parse(Save)
    const { saveImages } = await import('../engine/save.js')
    const { compress, uncompressed, output = writeOut } = flags
    const format = flags.format as SaveFormat
    const request = { images: argv as string[], multi: flags['multi-image-archive'], format, output }
    await saveImages(await this.openEngine({ showProgress: !flags.quiet }), { ...request, compress, uncompressed })
  }
}
