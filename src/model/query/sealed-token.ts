/**
 * Continue tokens: where the next page begins, closed to the asker.
 *
 * A page may end at something that its asker must not know of, so a token is sealed, and as long whatever it holds to
 * within 256 bytes. The key of the seal lives as long as the process: a token of another process is refused, as upstream
 * refuses one that is too old (410), upon which kubectl begins anew.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { QueryError } from '../errors.ts';

const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const SEAL_KEY = randomBytes(32);
/** What is sealed is filled up with spaces to a multiple of this. */
const BLOCK_CHARS = 256;

/** A token for a text that does not end in a space. `purpose` says which list it is of. */
export function sealToken(purpose: string, text: string): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, SEAL_KEY, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(Buffer.from(purpose));
  const filled = text.padEnd(Math.ceil(text.length / BLOCK_CHARS) * BLOCK_CHARS);
  const sealed = Buffer.concat([cipher.update(filled, 'utf8'), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64url');
}

/**
 * The text in a token.
 * @throws QueryError CONTINUE_EXPIRED where the seal is not ours, or the token is another list's
 */
export function openToken(purpose: string, token: string): string {
  const bytes = Buffer.from(token, 'base64url');
  const text = bytes.length > NONCE_BYTES + TAG_BYTES ? unseal(purpose, bytes) : undefined;
  if (text !== undefined) return text;
  throw new QueryError(
    'CONTINUE_EXPIRED',
    'continue is no token of this list since the server was started: leave it out to begin anew',
    { parameter: 'continue' },
  );
}

function unseal(purpose: string, bytes: Buffer): string | undefined {
  const opener = createDecipheriv(CIPHER, SEAL_KEY, bytes.subarray(0, NONCE_BYTES), {
    authTagLength: TAG_BYTES,
  });
  opener.setAAD(Buffer.from(purpose));
  opener.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
  try {
    const sealed = bytes.subarray(NONCE_BYTES + TAG_BYTES);
    return Buffer.concat([opener.update(sealed), opener.final()])
      .toString('utf8')
      .trimEnd();
  } catch {
    return undefined;
  }
}
