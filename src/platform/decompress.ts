// Takes a stream's compression away, whichever it is.

import { pipeline, Readable, type Transform } from 'node:stream'
import { type Chunks, chunksOf, createDecoder, sniff, toInputError } from './byte-streams.js'

/** The plain bytes of `source`. Throws BadInputError, with `subject` in it, for damaged bytes and for a compression we do not know. */
export async function decompress(source: Chunks, subject: string): Promise<Chunks> {
  const { compression, chunks } = await sniff(source)
  const decoder = await createDecoder(compression, subject)
  return decoder === undefined ? chunks : decode(chunks, decoder, subject)
}

async function* decode(chunks: Chunks, decoder: Transform, subject: string): AsyncGenerator<Buffer> {
  // the callback only keeps the failure from being thrown twice: it reaches the reader of `decoder` too
  pipeline(Readable.from(chunks), decoder, () => undefined)
  try {
    yield* chunksOf(decoder)
  } catch (error) {
    throw toInputError(error, subject)
  }
}
