/**
 * What stands in the place of a value that is not kept: a keyed digest of it.
 *
 * Invariants: equal values have equal markers under one key, others do not; a marker is no valid base64, so that the API
 * server refuses a Secret of markers rather than storing it; and a value that looks like a marker gets one of its own,
 * as anybody can write what looks like one.
 */
import { hash } from 'node:crypto';
import type { JsonValue } from '../../model/json.ts';
import { canonicalText } from '../../model/query/canonical.ts';
import { MARKER_PREFIX } from '../../model/redacted.ts';

/** Bytes → a marker. */
export type Digest = (bytes: Uint8Array) => string;

/** How long a key is, in bytes: as long as what SHA-256 gives. */
export const KEY_BYTES = 32;
const MARKER_BYTES = 16;

/** SHA-256's block, to which HMAC fills up a key. */
const BLOCK_BYTES = 64;
const HASH_BYTES = 32;

/**
 * The digest of one key: 128 bits of HMAC-SHA256. The bytes of a value cannot be guessed from it without the key.
 *
 * HMAC's two hashes are put together here (RFC 2104, section 2): an object of node:crypto for each of a large Secret's tens
 * of thousands of values takes more than twice as long.
 * @throws RangeError for a key that is longer than a block
 */
export function keyedDigest(key: Uint8Array): Digest {
  if (key.length > BLOCK_BYTES) throw new RangeError(`a key has ${BLOCK_BYTES} bytes at most`);
  const inner = padded(key, 0x36, BLOCK_BYTES);
  const outer = padded(key, 0x5c, BLOCK_BYTES + HASH_BYTES);
  return (bytes) => {
    outer.write(hash('sha256', Buffer.concat([inner, bytes]), 'binary'), BLOCK_BYTES, 'binary');
    const digest = Buffer.from(hash('sha256', outer, 'binary'), 'binary');
    return `${MARKER_PREFIX}${digest.toString('base64url', 0, MARKER_BYTES)}`;
  };
}

/** A block of the key and a pad, at the beginning of a buffer. */
function padded(key: Uint8Array, pad: number, length: number): Buffer {
  const block = Uint8Array.from({ length: BLOCK_BYTES }, (_, at) => (key[at] ?? 0) ^ pad);
  const buffer = Buffer.alloc(length);
  buffer.set(block);
  return buffer;
}

/** What a digest is of comes first, so that the text `1` and the number 1 differ, and bytes cannot pass for either. */
const OF_BYTES = Buffer.from([0]);
const OF_JSON = Buffer.from([1]);

/** The marker of bytes, as Go would hold them: a text is its UTF-8. */
function markBytes(digest: Digest, bytes: Uint8Array): string {
  return digest(Buffer.concat([OF_BYTES, bytes]));
}

/** The marker of any value, whole. A text's is that of the same bytes in base64. */
export function mark(digest: Digest, value: JsonValue): string {
  if (typeof value === 'string') return markBytes(digest, Buffer.from(value));
  return digest(Buffer.concat([OF_JSON, Buffer.from(canonicalText(value))]));
}

/** The marker of the bytes that a text is the base64 of; what is no base64 counts as a text. */
export function markBase64(digest: Digest, value: JsonValue): string {
  const bytes = typeof value === 'string' ? decodeBase64(value) : undefined;
  return bytes === undefined ? mark(digest, value) : markBytes(digest, bytes);
}

/** As Go's base64.StdEncoding, which passes over line ends; undefined where it would fail. */
function decodeBase64(text: string): Buffer | undefined {
  const plain = /[\r\n]/.test(text) ? text.replaceAll(/[\r\n]/g, '') : text;
  if (plain.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(plain)) return undefined;
  return Buffer.from(plain, 'base64');
}
