/** Values that must occur nowhere, and how to look for them. */
import { Buffer } from 'node:buffer';
import type { JsonObject } from '../model/json.ts';

/** No test's own word: letters and digits only, so that no escaping changes it. */
export const CANARY = 'Kanarienvogel7Q2zX9';

/** A value with the canary in it, which JSON has to escape. */
export const CANARY_VALUE = `p"ä\n${CANARY}\\`;

/** The value as a Secret's data has it. */
export const CANARY_BASE64 = base64(CANARY_VALUE);

/** The canary in the ways in which a text can show it: itself, and in base64 at any of the three alignments. */
const FORMS: readonly string[] = [
  CANARY,
  ...[0, 1, 2].map((before) => {
    const text = base64(' '.repeat(before) + CANARY);
    // Characters at the ends also hold bits of what stands beside.
    return text.replace(/=+$/, '').slice(before === 0 ? 0 : 4, -2);
  }),
];

/** The forms of the canary that a text shows; none, where it is well. */
export function canariesIn(text: string): readonly string[] {
  return FORMS.filter((form) => text.includes(form));
}

/** Base64 of a text's UTF-8, as a Secret's data has it. */
export function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

/** The reference to a Secret, for rawEvent. */
export const SECRET_REF: JsonObject = {
  resource: 'secrets',
  namespace: 'shop',
  name: 'db',
  apiGroup: '',
  apiVersion: 'v1',
};

/** A Secret as the server stores it. */
export function storedSecret(
  resourceVersion: number,
  data: JsonObject,
  metadata: JsonObject = {},
): JsonObject {
  return {
    kind: 'Secret',
    apiVersion: 'v1',
    metadata: {
      name: 'db',
      namespace: 'shop',
      uid: 'uid-s',
      resourceVersion: String(resourceVersion),
      creationTimestamp: '2026-11-16T09:00:00Z',
      ...metadata,
    },
    data,
    type: 'Opaque',
  };
}
