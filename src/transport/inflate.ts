import { Readable, type Transform } from 'node:stream';
import { GraddError } from '../engine/index.ts';

export interface InflateOptions {
  /** Bytes of the body as it was sent, and as it is inflated, at most. */
  limit: number;
  /** Is told of bytes that arrive, and of those that come of them; false stops it. */
  arrived(bytes: number): boolean;
  inflated(bytes: number): boolean;
  /** What is said of a body that the decoder does not understand. */
  broken(error: Error): GraddError;
}

const tooLarge = (): GraddError =>
  new GraddError('payload-too-large', 'The request body has more bytes than MAX_BODY_BYTES allows');

const noRoom = (): GraddError =>
  new GraddError('overloaded', 'The service has more bytes in flight than MAX_PENDING_BYTES allows');

/**
 * A body as it comes out of a decoder. It stops at the limit, with the source unread and whole: to destroy that would
 * close the connection before the client is told.
 */
export class Inflated extends Readable {
  /** Bytes before decoding: what fastify holds against Content-Length. */
  receivedEncodedLength = 0;
  private readonly source: Readable;
  private readonly decoder: Transform;

  constructor(source: Readable, decoder: Transform, options: InflateOptions) {
    super();
    const { limit, arrived, inflated, broken } = options;
    this.source = source;
    this.decoder = decoder;
    let total = 0;
    source.on('data', (chunk: Buffer) => {
      if (this.destroyed) return void source.pause();
      this.receivedEncodedLength += chunk.length;
      if (this.receivedEncodedLength > limit) this.destroy(tooLarge());
      else if (!arrived(chunk.length)) this.destroy(noRoom());
      else if (!decoder.write(chunk)) source.pause();
    });
    source.on('end', () => decoder.end()).on('error', (error) => this.destroy(error));
    // Where nobody reads the body, nobody wants to know either.
    this.on('error', () => {});
    decoder.on('drain', () => source.resume());
    decoder.on('data', (chunk: Buffer) => {
      total += chunk.length;
      if (total > limit) this.destroy(tooLarge());
      else if (!inflated(chunk.length)) this.destroy(noRoom());
      else if (!this.push(chunk)) decoder.pause();
    });
    decoder.on('end', () => this.push(null)).on('error', (error) => this.destroy(broken(error)));
  }

  override _read(): void {
    this.decoder.resume();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    if (error !== null) this.source.pause();
    this.decoder.destroy();
    done(error);
  }
}
