// lichen images

import { asText, list, toggle, value } from '../cli/flags.js'
import { writeOut } from '../cli/output.js'
import { imageFilterParser } from '../cli/values/image-filter.js'
import { BaseCommand } from './base-command.js'

const FILTERS = [
  'reference',
  'label',
  'dangling',
  'id',
  'digest',
  'before',
  'since',
  'until',
  'containers',
  'intermediate',
  'readonly',
]
const SORTS = ['created', 'id', 'repository', 'size', 'tag']

export default class Images extends BaseCommand {
  static override summary = 'List images'
  static override description =
    'Lists local images, newest first; with a NAME only those of that repository or reference.'
  static override usage = '[options] [NAME]'
  static override examples = ['lichen images', 'lichen images --filter dangling=true -q', 'lichen images --format json']
  static override aliases = ['image:ls']
  static override hiddenAliases = ['image:list']
  static override flags = {
    all: toggle('Show images without a name, too, that others were made from', { char: 'a' }),
    digests: toggle('Show manifest digests'),
    filter: list(`Only images with KEY[!]=VALUE; keys: ${FILTERS.join(', ')}`, imageFilterParser(FILTERS), {
      char: 'f',
      commas: true,
    }),
    format: value('"json", "table TEMPLATE" or a Go template', asText),
    'no-trunc': toggle('Show IDs in full'),
    noheading: toggle('Leave the headings out', { char: 'n' }),
    quiet: toggle('Only IDs', { char: 'q', exclusive: ['format'] }),
    sort: value(`Sort by ${SORTS.join(', ')}`, asText, { default: 'created', choices: SORTS }),
  }
  static override group = 'Images' as const
  static override arity = { min: 0, max: 1, of: 'name' }

  override async run(): Promise<void> {
    const { flags, argv } = await this.parse(Images)
    const { listImages } = await import('../engine/images.js')
    const { imagesText, onlyNamed } = await import('../cli/views/images.js')
    const images = listImages(await this.openEngine(), { filters: flags.filter, all: flags.all })
    writeOut(imagesText(onlyNamed(images, argv[0] as string | undefined), flags))
  }
}
