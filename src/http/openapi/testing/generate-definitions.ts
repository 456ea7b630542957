/**
 * Writes definitions.json: the schemas of the answers, from their TypeScript types and doc comments. `npm run openapi`.
 * Never run in production; a test proves that what is committed is what it would write.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { createGenerator } from 'ts-json-schema-generator';
import { stringifyJson } from '../../../model/json.ts';
import { ANSWER_TYPES } from '../answer-types.ts';

/** Where the schemas are kept. */
export const DEFINITIONS_FILE = join(import.meta.dirname, '../definitions.json');

const ROOT = join(import.meta.dirname, '../../../..');

/** The file's text as it should be. @throws where two types of one name differ */
export async function generateDefinitions(): Promise<string> {
  const generator = createGenerator({
    path: join(ROOT, 'src/model/query', `{${[...new Set(ANSWER_TYPES.map(({ file }) => file))].join()},}`),
    tsconfig: join(ROOT, 'tsconfig.json'),
    // tsc does that; the generator's own TypeScript is an older one.
    skipTypeCheck: true,
    additionalProperties: false,
    jsDoc: 'extended',
    sortProps: false,
  });
  const definitions = new Map<string, unknown>();
  for (const { type } of ANSWER_TYPES) {
    for (const [name, schema] of Object.entries(generator.createSchema(type).definitions ?? {})) {
      const known = definitions.get(name);
      if (known !== undefined && stringifyJson(known) !== stringifyJson(schema)) {
        throw new Error(`two types are called ${name}: rename one of them`);
      }
      definitions.set(name, schema);
    }
  }
  const sorted = [...definitions].sort(([a], [b]) => (a < b ? -1 : 1));
  const text = stringifyJson(Object.fromEntries(sorted));
  return format(text, { ...(await resolveConfig(DEFINITIONS_FILE)), filepath: DEFINITIONS_FILE });
}

if (import.meta.main) writeFileSync(DEFINITIONS_FILE, await generateDefinitions());
