/**
 * A document that is made once and sent often, with the name of its content: clients poll and are told 304 (Not Modified)
 * where they have it already.
 *
 * Invariants: `text` never changes; equal texts have equal ETags, and different ones different ETags. The query string is not looked at beyond `pretty`:
 * these documents must answer whatever a client of tomorrow adds to it, or kube-aggregator takes all of the group for stale.
 */
import { hash } from 'node:crypto';
import { pickOffer, type Offer } from '../accept-clauses.ts';
import { send, type Context } from '../context.ts';
import { isPretty } from '../negotiate.ts';
import { renderJson } from '../render.ts';
import { StatusError } from '../status.ts';

/** A document in one representation. */
export interface StaticDocument extends Offer {
  readonly contentType: string;
  readonly text: string;
  /** SHA-512 in upper-case hexadecimal digits, as k8s.io/apiserver and k8s.io/kube-openapi make theirs; not quoted. */
  readonly etag: string;
  /** The value, where a person may be shown it indented. */
  readonly value?: unknown;
}

/** A document of a text. */
export function textDocument(mediaType: string, text: string): StaticDocument {
  return { mediaType, contentType: mediaType, text, etag: hash('sha512', text, 'hex').toUpperCase() };
}

/** A JSON document, in the representation that `as` names. */
export function jsonDocument(value: unknown, as?: Offer['as']): StaticDocument {
  const document = textDocument('application/json', renderJson(value, false));
  const parameters = as === undefined ? '' : `;g=${as.group};v=${as.version};as=${as.kind}`;
  return { ...document, contentType: `${document.mediaType}${parameters}`, value, as };
}

/**
 * The document in the representation that the client likes best.
 * @throws StatusError NotAcceptable where it likes none
 */
export function negotiateDocument(ctx: Context, documents: readonly StaticDocument[]): StaticDocument {
  ctx.vary('Accept');
  const document = pickOffer(ctx.get('Accept'), documents);
  if (document !== undefined) return document;
  const types = [...new Set(documents.map(({ mediaType }) => mediaType))];
  throw new StatusError('NotAcceptable', `only the following media types are accepted: ${types.join(', ')}`);
}

/** Sends a document, or 304 to who has it. */
export function sendDocument(ctx: Context, { text, contentType, etag, value }: StaticDocument): void {
  const isForPerson = value !== undefined && isPretty(ctx.get('User-Agent'), ctx.querystring);
  // An ETag names bytes: those of the indented form are others.
  ctx.set('ETag', isForPerson ? `"${etag}-pretty"` : `"${etag}"`);
  ctx.status = 200;
  if (ctx.fresh) {
    ctx.status = 304;
    return;
  }
  send(ctx, 200, contentType, isForPerson ? renderJson(value, true) : text);
}
