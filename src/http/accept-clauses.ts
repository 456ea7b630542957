/**
 * The Accept header as Kubernetes reads it, with the parameters by which clients ask for another representation of the
 * same thing: `application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList`.
 * Source: k8s.io/apiserver/pkg/endpoints/handlers/negotiation/negotiate.go and github.com/munnerz/goautoneg.
 *
 * The library that Koa brings is not enough: it gives a clause up for a parameter that it does not know, where Kubernetes
 * passes over such ones. client-go 0.36 sends `profile=nopeer`.
 */

/** One clause of an Accept header. */
interface AcceptClause {
  /** In lower case; '*' is any. */
  readonly type: string;
  readonly subtype: string;
  readonly quality: number;
  /** Names in lower case, values as they stand; `q` is not among them. */
  readonly parameters: ReadonlyMap<string, string>;
}

/** A kind that an answer can be turned into on request. */
export interface Conversion<Kind extends string = string> {
  readonly group: string;
  readonly version: string;
  readonly kind: Kind;
}

/** What a server can answer with. */
export interface Offer {
  /** `application/json`: without parameters, in lower case. */
  readonly mediaType: string;
  /** undefined: as it is. */
  readonly as?: Conversion | undefined;
}

/**
 * The clauses, the best first: by their quality, then those without a wildcard, then as they stand. What is refused by
 * `q=0` is left out. Commas and semicolons inside quotes are not expected, as they are not by goautoneg.
 */
export function parseAccept(header: string): readonly AcceptClause[] {
  const clauses = header.split(',').flatMap(parseClause);
  return clauses.sort((a, b) => b.quality - a.quality || wildcards(a) - wildcards(b));
}

function parseClause(text: string): AcceptClause[] {
  const [mediaType = '', ...parameters] = text.split(';').map((part) => part.trim());
  const [type = '', subtype = type === '*' ? '*' : ''] = mediaType.toLowerCase().split('/');
  const pairs = parameters.map((parameter): [string, string] => {
    const [name = '', ...value] = parameter.split('=');
    return [name.trim().toLowerCase(), unquote(value.join('=').trim())];
  });
  const quality = Number(pairs.find(([name]) => name === 'q')?.[1] ?? 1);
  if (type === '' || subtype === '' || !(quality > 0)) return [];
  return [{ type, subtype, quality, parameters: new Map(pairs.filter(([name]) => name !== 'q')) }];
}

function unquote(value: string): string {
  return /^"(.*)"$/.exec(value)?.[1] ?? value;
}

function wildcards({ type, subtype }: AcceptClause): number {
  return (type === '*' ? 2 : 0) + (subtype === '*' ? 1 : 0);
}

/**
 * The first offer that fits the first clause that any fits; the first of all where there is no header.
 * A clause that names a conversion only fits the offer of that very conversion, and one that names none only offers
 * without one.
 * @returns undefined where no clause fits
 */
export function pickOffer<Offered extends Offer>(
  header: string,
  offers: readonly Offered[],
): Offered | undefined {
  if (header === '') return offers[0];
  for (const clause of parseAccept(header)) {
    const offer = offers.find(({ mediaType, as }) => isType(clause, mediaType) && isConversion(clause, as));
    if (offer !== undefined) return offer;
  }
  return undefined;
}

function isType({ type, subtype }: AcceptClause, mediaType: string): boolean {
  const [offeredType, offeredSubtype] = mediaType.split('/');
  return (type === '*' || type === offeredType) && (subtype === '*' || subtype === offeredSubtype);
}

function isConversion({ parameters }: AcceptClause, as: Conversion | undefined): boolean {
  const asked = ['g', 'v', 'as'].map((name) => parameters.get(name) ?? '');
  const offered = [as?.group ?? '', as?.version ?? '', as?.kind ?? ''];
  return asked.every((value, index) => value === offered[index]);
}
