/**
 * The parts of a path that vary: namespace, resource, name.
 *
 * The router decodes %2F, and kube-apiserver hands it on as a slash; no part of an object's key can contain one.
 */
import type { PathParameters } from './routes/route.ts';
import { quote, StatusError } from './status.ts';

/**
 * Kubernetes limits names to 253 characters, and resources and groups too; the name of an object's history is made of all
 * three, with two signs between them.
 */
const PART_LENGTH_MAX = 3 * 253 + 2;

/**
 * The parts as the router found them, checked.
 * @throws StatusError BadRequest where one cannot be a part of any object's key
 */
export function pathParameters(params: Readonly<Record<string, string>>): PathParameters {
  for (const [part, text] of Object.entries(params)) {
    const fault = faultOf(text);
    if (fault === undefined) continue;
    const message = `the ${part} ${quote(text)} in the path ${fault}`;
    throw new StatusError('BadRequest', message, [{ reason: 'FieldValueInvalid', message, field: part }]);
  }
  return params;
}

function faultOf(text: string): string | undefined {
  if (text.includes('/')) return 'contains a slash, which no name does';
  if (text.length > PART_LENGTH_MAX) return `is longer than ${PART_LENGTH_MAX} characters, which no name is`;
  return undefined;
}
