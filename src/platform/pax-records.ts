// Records of a pax extended header, `LENGTH KEY=VALUE\n` (POSIX.1-2008, pax). By their lengths, as it must be: a value may have line breaks,
// which the tar package takes for the ends of records.

/** Empty for what is no list of records (a GNU long name comes the same way). */
export function parsePaxRecords(text: string): ReadonlyMap<string, string> {
  const bytes = Buffer.from(text)
  const records = new Map<string, string>()
  for (let at = 0; at < bytes.length; ) {
    const [head = '', digits = ''] = /^(\d{1,10}) /.exec(bytes.toString('latin1', at, at + 12)) ?? []
    const end = at + Number(digits)
    const record = bytes.toString('utf8', at + head.length, end - 1)
    const equals = record.indexOf('=')
    if (digits === '' || end <= at + head.length || bytes[end - 1] !== 0x0a || equals < 1) return new Map()
    records.set(record.slice(0, equals), record.slice(equals + 1))
    at = end
  }
  return records
}
