// Writes tar archives byte by byte, also wrong ones: every field can be said as it is not allowed to be. Knows nothing of
// what `untar` does with them. Layout: POSIX.1-2008 pax, GNU tar manual "Basic Tar Format".

export interface TarEntry {
  readonly name: string
  /** One character; '0' (a file) when absent. */
  readonly type?: string
  readonly mode?: number
  readonly uid?: number
  readonly gid?: number
  readonly mtime?: number
  readonly link?: string
  readonly data?: string | Buffer
  /** What the header says, whatever `data` has. */
  readonly size?: number
  readonly major?: number
  readonly minor?: number
  readonly prefix?: string
  readonly magic?: 'ustar' | 'gnu' | 'none'
  /** Records of an extended header written before the entry. */
  readonly pax?: PaxRecords
  /** Bytes put into the header last, before its checksum is made. */
  readonly patch?: readonly { readonly at: number; readonly bytes: string | Buffer }[]
}

export type PaxRecords = readonly (readonly [key: string, value: string | Buffer])[]

const BLOCK = 512
const magics = { ustar: 'ustar\x0000', gnu: 'ustar  \0', none: '' }

/** A whole archive: entries, or bytes as they are, and the proper end. */
export function tar(...parts: readonly (TarEntry | Buffer)[]): Buffer {
  return Buffer.concat([
    ...parts.map((part) => (Buffer.isBuffer(part) ? part : tarEntry(part))),
    Buffer.alloc(2 * BLOCK),
  ])
}

/** Extended header if asked for, header, data, padding. */
export function tarEntry(entry: TarEntry): Buffer {
  const data = toBuffer(entry.data ?? '')
  const before = entry.pax === undefined ? Buffer.alloc(0) : paxHeader('x', paxData(entry.pax))
  return Buffer.concat([before, tarHeader({ ...entry, size: entry.size ?? data.length }), padded(data)])
}

export function tarHeader(entry: TarEntry): Buffer {
  const header = Buffer.alloc(BLOCK)
  header.write(entry.name, 0, 100)
  writeOctal(header, 100, 8, entry.mode ?? 0o644)
  writeOctal(header, 108, 8, entry.uid ?? 0)
  writeOctal(header, 116, 8, entry.gid ?? 0)
  writeOctal(header, 124, 12, entry.size ?? 0)
  writeOctal(header, 136, 12, entry.mtime ?? 1_500_000_000)
  header.write(entry.type ?? '0', 156, 1, 'latin1')
  header.write(entry.link ?? '', 157, 100)
  header.write(magics[entry.magic ?? 'ustar'], 257, 8, 'latin1')
  writeOctal(header, 329, 8, entry.major ?? 0)
  writeOctal(header, 337, 8, entry.minor ?? 0)
  header.write(entry.prefix ?? '', 345, 155)
  for (const { at, bytes } of entry.patch ?? []) toBuffer(bytes).copy(header, at)
  return withChecksum(header)
}

/** Sets a header's checksum. */
export function withChecksum(header: Buffer): Buffer {
  header.fill(' ', 148, 156)
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 8, 'latin1')
  return header
}

/** A pax header ('x' or 'g') with exactly these bytes as its data. */
export function paxHeader(type: 'x' | 'g', data: Buffer): Buffer {
  return tarEntry({ name: 'PaxHeaders/0', type, data })
}

export function paxData(records: PaxRecords): Buffer {
  return Buffer.concat(records.map(([key, value]) => paxRecord(key, value)))
}

function paxRecord(key: string, value: string | Buffer): Buffer {
  const rest = Buffer.concat([toBuffer(` ${key}=`), toBuffer(value), toBuffer('\n')])
  let length = rest.length + 1
  while (rest.length + String(length).length !== length) length = rest.length + String(length).length
  return Buffer.concat([toBuffer(String(length)), rest])
}

/** A GNU long name ('L') or long link ('K') for the entry after it. */
export function gnuLong(type: 'L' | 'K', text: string): Buffer {
  return tarEntry({ name: '././@LongLink', type, magic: 'gnu', data: `${text}\0` })
}

/** A number as GNU tar writes what does not fit in octal: base-256, two's complement. */
export function base256(value: bigint, size: number): Buffer {
  const field = Buffer.alloc(size)
  for (let at = size - 1, left = value; at >= 0; at--, left >>= 8n) field[at] = Number(left & 0xffn)
  field[0] = ((field[0] ?? 0) & 0x7f) | 0x80
  return field
}

export function padded(data: Buffer): Buffer {
  return Buffer.concat([data, Buffer.alloc((BLOCK - (data.length % BLOCK)) % BLOCK)])
}

function writeOctal(header: Buffer, at: number, size: number, value: number): void {
  header.write(value.toString(8).padStart(size - 1, '0'), at, size, 'latin1')
}

function toBuffer(data: string | Buffer): Buffer {
  return typeof data === 'string' ? Buffer.from(data) : data
}
