// The programs lichen trades images with, each behind the same few words: put an image into a registry or a file, and say which tree it
// sees of one. What they need to be told to do that lies here; what is expected of it, in the tests.

import { mkdtempSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { Tree } from '../monitor/trees.js'
import { findProgram } from './facts.js'
import { imagePath } from './images.js'
import { asContainerRoot, readTreePodmanGets, runInPodman } from './podman-tree.js'
import { mustRun } from './process.js'

export type Format = 'oci' | 'docker'
export type Compression = 'gzip' | 'zstd' | 'none'
export type ArchiveFormat = 'oci-archive' | 'oci-dir' | 'docker-archive' | 'docker-dir'

export const ARCHIVE_FORMATS: readonly ArchiveFormat[] = ['oci-archive', 'oci-dir', 'docker-archive', 'docker-dir']

export interface Shape {
  readonly format: Format
  readonly compression: Compression
}

/** A registry's image and the flags podman reaches it with; skopeo has the same after `--src-` and `--dest-`. */
export interface Place {
  /** `127.0.0.1:PORT/path:tag`. */
  readonly ref: string
  /** Default: plain HTTP. */
  readonly flags?: readonly string[]
}

export interface Peer {
  readonly name: string
  readonly isInstalled: boolean
  /** The image `layered` in these shapes. Every call gets a scratch directory of its own. */
  readonly shapes: readonly Shape[]
  push(place: Place, shape: Shape, directory: string): Promise<void>
  save(file: string, format: ArchiveFormat, directory: string): Promise<void>
  /** Whether it can pull. */
  readonly pulls: boolean
  /** What `save` writes and `readSaved` reads. */
  readonly archives: readonly ArchiveFormat[]
  readPulled(place: Place, directory: string): Promise<Tree>
  readSaved(file: string, format: ArchiveFormat, directory: string): Promise<Tree>
}

export const LAYERED = 'localhost/layered:latest'
const LAYERED_ARCHIVE = imagePath('layered.oci.tar')
const DOCKER = 'v2s2'
const PLAIN_HTTP = ['--tls-verify=false']

export const podman: Peer = {
  name: 'podman',
  isInstalled: findProgram('podman') !== undefined,
  shapes: [
    { format: 'oci', compression: 'gzip' },
    { format: 'oci', compression: 'zstd' },
    { format: 'docker', compression: 'gzip' },
  ],
  pulls: true,
  archives: ARCHIVE_FORMATS,
  push: async ({ ref, flags = PLAIN_HTTP }, { format, compression }, directory) => {
    const shaped = ['--format', format === 'docker' ? DOCKER : 'oci', '--compression-format', compression]
    await runInPodman(join(directory, 'podman'), [
      `engine load --quiet --input ${LAYERED_ARCHIVE}`,
      `engine push --quiet ${[...flags, ...shaped].join(' ')} ${LAYERED} docker://${ref}`,
    ])
  },
  save: async (file, format, directory) => {
    await runInPodman(join(directory, 'podman'), [
      `engine load --quiet --input ${LAYERED_ARCHIVE}`,
      `engine save --quiet --format ${format} --output ${file} ${LAYERED}`,
    ])
  },
  readPulled: ({ ref, flags = PLAIN_HTTP }, directory) =>
    readTreePodmanGets({ bring: ['pull', '--quiet', ...flags, ref], name: ref, store: join(directory, 'podman') }),
  // A directory's image has a name only its format knows of: it is the only one in the store. podman makes one of the path, which
  // may then have no capitals: so it is given from where it lies.
  readSaved: (file, _format, directory) =>
    readTreePodmanGets({
      bring: ['load', '--quiet', '--input', basename(file)],
      directory: dirname(file),
      name: '$(engine images --quiet --no-trunc | cut -d: -f2)',
      store: join(directory, 'podman'),
    }),
}

const skopeo: Peer = {
  name: 'skopeo',
  isInstalled: findProgram('skopeo') !== undefined && findProgram('umoci') !== undefined,
  shapes: [
    { format: 'oci', compression: 'gzip' },
    { format: 'oci', compression: 'zstd' },
    { format: 'oci', compression: 'none' },
    { format: 'docker', compression: 'gzip' },
    { format: 'docker', compression: 'none' },
  ],
  pulls: true,
  archives: ARCHIVE_FORMATS,
  push: async ({ ref, flags = PLAIN_HTTP }, { format, compression }, directory) => {
    const plain = `dir:${join(directory, 'plain')}`
    const shaped = ['--format', format === 'docker' ? DOCKER : 'oci']
    await copy(['--dest-decompress', ...shaped], `oci-archive:${LAYERED_ARCHIVE}`, plain)
    const packed = compression === 'none' ? ['--preserve-digests'] : ['--dest-compress-format', compression, ...shaped]
    await copy([...toFlags('dest', flags), ...packed], plain, `docker://${ref}`)
  },
  save: (file, format) => copy([], `oci-archive:${LAYERED_ARCHIVE}`, transport(file, format)),
  // as umoci unpacks it, which knows neither Docker's format nor zstd
  readPulled: ({ ref, flags = PLAIN_HTTP }, directory) =>
    readUnpacked(`docker://${ref}`, toFlags('src', flags), directory),
  readSaved: (file, format, directory) => readUnpacked(transport(file, format, 'read'), [], directory),
}

/** Its layers and documents as it wrote them, carried by skopeo without a change; it speaks to no registry itself. */
const umoci: Peer = {
  ...skopeo,
  name: 'umoci',
  shapes: [{ format: 'oci', compression: 'gzip' }],
  push: ({ ref, flags = PLAIN_HTTP }, _shape, directory) =>
    withUmociLayout(directory, (layout) =>
      copy([...toFlags('dest', flags), '--preserve-digests'], `oci:${layout}`, `docker://${ref}`),
    ),
  pulls: false,
  archives: ['oci-dir'],
  save: (file, _format, directory) =>
    withUmociLayout(directory, async (layout) => {
      await mustRun(['cp', '-r', layout.slice(0, layout.lastIndexOf(':')), file])
    }),
  readSaved: (file, _format, directory) => unpack(`${file}:${tagOf(file)}`, directory),
}

export const peers: readonly Peer[] = [podman, skopeo, umoci]

/** What each peer sees of `layered` itself: measure of everything else it sees of it. */
export function readOriginal(peer: Peer, directory: string): Promise<Tree> {
  return (peer === umoci ? skopeo : peer).readSaved(LAYERED_ARCHIVE, 'oci-archive', directory)
}

/** Checks an OCI layout by the specification's own program. */
export async function validateLayout(layout: string): Promise<void> {
  await mustRun(['oci-image-tool', 'validate', '--type', 'image', layout])
}

export const hasValidator = findProgram('oci-image-tool') !== undefined

function copy(flags: readonly string[], from: string, to: string): Promise<void> {
  return mustRun(['skopeo', 'copy', '--insecure-policy', '--quiet', ...flags, from, to]).then(() => undefined)
}

function toFlags(side: 'src' | 'dest', flags: readonly string[]): string[] {
  return flags.map((flag) => flag.replace(/^--/, `--${side}-`))
}

/** skopeo's words for a file of ours. Docker archives are written with the name they carry. */
function transport(file: string, format: ArchiveFormat, purpose: 'read' | 'write' = 'write'): string {
  const named = purpose === 'write' ? `:${LAYERED}` : ''
  if (format === 'docker-dir') return `dir:${file}`
  if (format === 'oci-dir') return purpose === 'write' ? `oci:${file}${named}` : `oci:${file}:${tagOf(file)}`
  return `${format}:${file}${named}`
}

/** Layouts of a single image: whatever it is called in there. */
function tagOf(layout: string): string {
  const index = JSON.parse(readFileSync(join(layout, 'index.json'), 'utf8')) as {
    readonly manifests: readonly { readonly annotations?: Readonly<Record<string, string>> }[]
  }
  return index.manifests[0]?.annotations?.['org.opencontainers.image.ref.name'] ?? ''
}

async function readUnpacked(from: string, flags: readonly string[], directory: string): Promise<Tree> {
  const scratch = mkdtempSync(join(directory, 'unpacked-'))
  await copy([...flags, '--dest-decompress'], from, `dir:${join(scratch, 'plain')}`)
  await copy(['--format', 'oci'], `dir:${join(scratch, 'plain')}`, `oci:${join(scratch, 'layout')}:it`)
  return unpack(`${join(scratch, 'layout')}:it`, directory)
}

async function unpack(image: string, directory: string): Promise<Tree> {
  const scratch = mkdtempSync(join(directory, 'bundle-'))
  const snapshot = join(import.meta.dirname, '../monitor/snapshot.py')
  const script = `umoci unpack --image "$1" "$2/bundle" >&2; python3 ${snapshot} "$2/bundle/rootfs"; rm -rf "$2"`
  return JSON.parse(await mustRun([...asContainerRoot, 'sh', '-ec', script, 'sh', image, scratch])) as Tree
}

/** `layered` with a layer more that umoci made by repacking, which takes away again what it adds. */
async function withUmociLayout(directory: string, use: (image: string) => Promise<void>): Promise<void> {
  const layout = join(mkdtempSync(join(directory, 'umoci-')), 'layout')
  await copy([], `oci-archive:${LAYERED_ARCHIVE}`, `oci:${layout}:it`)
  const script = `cd "$1"; umoci unpack --image layout:it bundle
    for change in 'touch bundle/rootfs/data/made' 'rm bundle/rootfs/data/made'; do
      $change; umoci repack --refresh-bundle --image layout:it bundle
    done; rm -rf bundle`
  await mustRun([...asContainerRoot, 'sh', '-ec', script, 'sh', join(layout, '..')])
  await use(`${layout}:it`)
}
